"""The emulated YooKassa's calls: who may make them, keys, what is refused, lists."""

from __future__ import annotations

import aiohttp
import pytest

from ai_chat.emulators.yookassa import Emulator, EmulatorRefused, start
from tests.emulators.yookassa_shop import YooShop, order, rub


async def test_a_payment_is_answered_in_the_vendors_shape(shop: YooShop) -> None:
    reply = await shop.post("/payments", order(metadata={"order_id": "7"}))
    assert reply.body.startswith(b'{\n  "id" : "')
    payment = reply.json
    assert (payment["status"], payment["paid"], payment["test"], payment["refundable"]) == (
        "pending",
        False,
        True,
        False,
    )
    assert payment["amount"] == {"value": "990.00", "currency": "RUB"}
    assert payment["recipient"]["account_id"] == shop.emulator.shop_id
    assert len(payment["id"]) == 36
    assert payment["created_at"].endswith("Z")
    assert f"orderId={payment['id']}" in payment["confirmation"]["confirmation_url"]
    assert (await shop.look(payment["id"])) == payment


@pytest.mark.parametrize(
    "auth",
    [
        "",
        "Bearer x",
        "Basic ?",
        *(aiohttp.encode_basic_auth(*pair) for pair in (("1239880", "wrong"), ("1", "test_x"))),
    ],
)
async def test_a_stranger_is_refused(shop: YooShop, auth: str) -> None:
    async with shop.session.get(f"{shop.emulator.base_url}/me", headers={"Authorization": auth}) as response:
        body = await response.json()
    assert (response.status, body["type"], body["code"]) == (401, "error", "invalid_credentials")
    assert body["id"]


async def test_what_is_wrong_with_a_call_has_a_status_and_an_error_object(shop: YooShop) -> None:
    assert (await shop.get("/payments/none")).json["code"] == "not_found"
    assert (await shop.post("/me")).status == 405
    assert (await shop.post("/payments", b"{", **{"Content-Type": "text/plain"})).status == 415
    assert (await shop.post("/payments", b"{")).status == 400
    assert (await shop.post("/webhooks")).status == 403


async def test_the_shop_says_who_it_is(shop: YooShop) -> None:
    shop.emulator.admin.shop(fiscal=True)
    me = (await shop.get("/me")).json
    assert (me["account_id"], me["status"], me["test"], me["fiscalization"]["enabled"]) == (
        "1239880",
        "enabled",
        True,
        True,
    )


@pytest.mark.parametrize("key", ["x" * 65, "ключ", "a b"])
async def test_a_key_has_a_length_and_an_alphabet(shop: YooShop, key: str) -> None:
    reply = await shop.post("/payments", order(), **{"Idempotence-Key": key})
    assert (reply.status, reply.json["parameter"]) == (400, "Idempotence-Key")


async def test_the_same_key_with_the_same_data_is_the_same_payment(shop: YooShop) -> None:
    first = await shop.post("/payments", order(), key="k")
    shop.emulator.admin.pay(first.json["id"])
    again = await shop.post("/payments", order(), key="k")
    assert again.body == first.body
    assert len(shop.emulator.admin.payments()) == 1


async def test_the_same_key_with_other_data_is_refused(shop: YooShop) -> None:
    await shop.post("/payments", order("1.00"), key="k")
    reply = await shop.post("/payments", order("2.00"), key="k")
    assert (reply.status, reply.json["description"]) == (400, "Idempotence key duplicated")


async def test_a_key_is_forgotten_after_a_day_and_a_refusal_at_once(shop: YooShop) -> None:
    first = await shop.post("/payments", order(), key="k")
    shop.emulator.admin.advance(hours=24)
    assert (await shop.post("/payments", order(), key="k")).json["id"] != first.json["id"]
    assert (await shop.post("/payments", order("0.10"), key="k2")).status == 400
    assert (await shop.post("/payments", order("1.10"), key="k2")).status == 200


async def test_a_key_is_known_only_to_its_shop(shop: YooShop) -> None:
    mine = await shop.post("/payments", order(), key="k")
    shop.emulator.admin.shop("2", secret="test_other")
    shop.auth = aiohttp.encode_basic_auth("2", "test_other")
    other = await shop.post("/payments", order("5.00"), key="k")
    assert other.status == 200
    assert (await shop.get(f"/payments/{mine.json['id']}")).status == 404


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"amount": {"value": 990, "currency": "RUB"}}, "amount.value"),
        ({"amount": {"value": "9.999", "currency": "RUB"}}, "amount.value"),
        ({"amount": rub("0.99")}, "amount.value"),
        ({"description": "x" * 129}, "description"),
        ({"metadata": {str(n): "" for n in range(17)}}, "metadata"),
        ({"metadata": {"k": "v" * 513}}, "metadata"),
        ({"metadata": {"k": 1}}, "metadata"),
        ({"confirmation": {"type": "redirect"}}, "confirmation.return_url"),
        ({"confirmation": None}, "confirmation.type"),
        ({"payment_method_data": {"type": "qiwi"}}, "payment_method_data.type"),
        ({"payment_method_data": {"type": "sbp"}, "capture": False}, "payment_method_data.type"),
        ({"payment_method_data": {"type": "bank_card"}, "amount": rub("350000.01")}, "amount.value"),
    ],
)
async def test_a_payment_that_makes_no_sense_is_refused(shop: YooShop, body: dict[str, object], parameter: str) -> None:
    reply = await shop.post("/payments", {**order(), **body})
    assert (reply.status, reply.json["code"], reply.json["parameter"]) == (400, "invalid_request", parameter)


async def test_lists_are_paged_newest_first_and_filtered(shop: YooShop) -> None:
    ids = [(await shop.open(f"{n}.00"))["id"] for n in range(1, 6)]
    shop.emulator.admin.pay(ids[2])
    first = (await shop.get("/payments", limit="2")).json
    assert [item["id"] for item in first["items"]] == [ids[4], ids[3]]
    second = (await shop.get("/payments", limit="3", cursor=first["next_cursor"])).json
    assert [item["id"] for item in second["items"]] == [ids[2], ids[1], ids[0]]
    assert "next_cursor" not in second
    paid = (await shop.get("/payments", status="succeeded", payment_method="bank_card")).json
    assert [item["id"] for item in paid["items"]] == [ids[2]]
    assert (await shop.get("/payments", limit="101")).status == 400


async def test_lists_know_times(shop: YooShop) -> None:
    old = await shop.open()
    shop.emulator.admin.advance(hours=2)
    new = await shop.open()
    since = (await shop.get("/payments", **{"created_at.gte": new["created_at"]})).json["items"]
    before = (await shop.get("/payments", **{"created_at.lt": new["created_at"]})).json["items"]
    assert ([row["id"] for row in since], [row["id"] for row in before]) == ([new["id"]], [old["id"]])
    assert (await shop.get("/payments", **{"created_at.gt": new["created_at"]})).json["items"] == []
    assert (await shop.get("/payments", **{"created_at.gt": "yesterday"})).status == 400


async def test_calls_are_recorded_without_the_credentials(shop: YooShop) -> None:
    await shop.post("/payments", order(), key="k-1")
    recorded = shop.emulator.admin.requests("/payments")[0]
    assert recorded.key == "k-1"
    assert "authorization" not in recorded.headers


async def test_a_reset_forgets_everything(shop: YooShop) -> None:
    await shop.open()
    shop.emulator.admin.advance(days=400)
    shop.emulator.admin.reset()
    assert shop.emulator.admin.payments() == []
    assert (await shop.get("/payments")).json["items"] == []


@pytest.mark.parametrize("environ", [{"APP_ENV": "production"}, {"NODE_ENV": "Production"}])
async def test_it_refuses_production(environ: dict[str, str]) -> None:
    with pytest.raises(EmulatorRefused):
        await start(environ=environ)


async def test_it_refuses_the_network() -> None:
    with pytest.raises(EmulatorRefused):
        await start("0.0.0.0", environ={})


async def test_the_controls_work_over_http_too(kassa: Emulator, shop: YooShop) -> None:
    payment = await shop.open()
    async with shop.session.post(f"{kassa.admin_url}/pay", json={"payment_id": payment["id"]}) as response:
        assert (await response.json())["status"] == "succeeded"
    async with shop.session.post(f"{kassa.admin_url}/clock", json={"set": "2031-01-31T12:00:00+00:00"}) as response:
        assert (await response.json())["now"].startswith("2031-01-31T12:00:00")
    for path, body in (("faults", {"name": "nonsense"}), ("hooks", {"x": 1}), ("shop", {"x": 1}), ("habits", {"x": 1})):
        async with shop.session.post(f"{kassa.admin_url}/{path}", json=body) as response:
            assert response.status == 400, path
    async with shop.session.get(f"{kassa.admin_url}/knobs") as response:
        assert (await response.json())["cards"]["5555555555554600"] == "insufficient_funds"
