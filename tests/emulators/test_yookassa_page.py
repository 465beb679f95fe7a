"""The emulated payment page, as a browser without scripts uses it."""

from __future__ import annotations

import pytest

from tests.emulators.yookassa_shop import BACK, YooShop

CARD = {"method": "bank_card", "number": "4111 1111 1111 1111", "expiry": "12/40", "csc": "123"}


async def send(shop: YooShop, path: str, **form: str) -> tuple[int, str, str]:
    """Status, page, and where the browser is sent."""
    url = f"{shop.emulator.origin}/checkout/{path}"
    async with shop.session.post(url, data=form, allow_redirects=False) as response:
        return response.status, await response.text(), response.headers.get("Location", "")


async def page_of(shop: YooShop, payment: dict[str, dict[str, str]]) -> str:
    async with shop.session.get(payment["confirmation"]["confirmation_url"]) as response:
        return await response.text()


async def test_the_page_offers_every_way_to_pay(shop: YooShop) -> None:
    page = await page_of(shop, await shop.open("1490.50", description="Premium <b>1 месяц</b>"))
    for kind in ("bank_card", "sbp", "sberbank", "tinkoff_bank", "yoo_money"):
        assert f'id="method-{kind}"' in page
    assert "1\u00a0490,50\u00a0₽" in page
    assert "Premium &lt;b&gt;1 месяц&lt;/b&gt;" in page
    assert f'id="close" href="{BACK}"' in page
    assert 'name="save"' not in page


async def test_only_what_the_shop_asked_for_is_offered(shop: YooShop) -> None:
    page = await page_of(shop, await shop.open(payment_method_data={"type": "sbp"}, save_payment_method=True))
    assert 'id="method-sbp"' in page
    assert 'id="method-bank_card"' not in page
    assert 'id="save-sbp"' in page


async def test_a_card_pays_and_leads_back_with_nothing_added(shop: YooShop) -> None:
    payment = await shop.open(save_payment_method=True)
    assert await send(shop, "pay", orderId=payment["id"], save="yes", **CARD) == (303, "303: See Other", BACK)
    paid = await shop.look(payment["id"])
    assert (paid["status"], paid["payment_method"]["saved"]) == ("succeeded", True)


async def test_whoever_unticks_the_box_is_not_saved(shop: YooShop) -> None:
    payment = await shop.open(save_payment_method=True)
    await send(shop, "pay", orderId=payment["id"], **CARD)
    assert (await shop.look(payment["id"]))["payment_method"]["saved"] is False


async def test_a_secure_card_asks_for_a_code(shop: YooShop) -> None:
    for answer, code, state in (
        ("confirm", "1234", "succeeded"),
        ("decline", "1234", "canceled"),
        ("confirm", " ", "canceled"),
    ):
        payment = await shop.open()
        form = {**CARD, "number": "5555555555554477", "orderId": payment["id"]}
        _, page, _ = await send(shop, "pay", **form)
        assert 'id="threeds-confirm"' in page
        assert (await shop.look(payment["id"]))["status"] == "pending"
        await send(shop, "3ds", answer=answer, code=code, **form)
        assert (await shop.look(payment["id"]))["status"] == state


async def test_a_bad_card_is_explained_in_russian(shop: YooShop) -> None:
    payment = await shop.open()
    _, page, _ = await send(shop, "pay", orderId=payment["id"], **{**CARD, "number": "5555555555554600"})
    assert 'data-reason="insufficient_funds"' in page
    assert "Не хватает денег" in page
    assert f'id="return" href="{BACK}"' in page


async def test_another_card_may_be_tried_where_the_emulator_allows_it(shop: YooShop) -> None:
    shop.emulator.admin.habits(page_attempts=2)
    payment = await shop.open()
    _, page, _ = await send(shop, "pay", orderId=payment["id"], **{**CARD, "number": "5555555555554543"})
    assert "Истёк срок действия карты" in page
    assert 'id="error"' in page
    assert (await send(shop, "pay", orderId=payment["id"], **CARD))[0] == 303


@pytest.mark.parametrize("wrong", [{"number": "1234"}, {"expiry": "13/40"}, {"expiry": "01/20"}, {"csc": "1"}])
async def test_what_is_mistyped_is_asked_for_again(shop: YooShop, wrong: dict[str, str]) -> None:
    payment = await shop.open()
    _, page, _ = await send(shop, "pay", orderId=payment["id"], **{**CARD, **wrong})
    assert 'id="error"' in page
    assert (await shop.look(payment["id"]))["status"] == "pending"


@pytest.mark.parametrize("kind", ["sbp", "sberbank", "tinkoff_bank", "yoo_money"])
async def test_wallets_and_banks_pay_and_decline(shop: YooShop, kind: str) -> None:
    good, bad = await shop.open(), await shop.open()
    assert (await send(shop, "pay", orderId=good["id"], method=kind, outcome="ok"))[2] == BACK
    await send(shop, "pay", orderId=bad["id"], method=kind, outcome="general_decline")
    paid = await shop.look(good["id"])
    assert (paid["status"], paid["payment_method"]["type"]) == ("succeeded", kind)
    assert (await shop.look(bad["id"]))["cancellation_details"]["reason"] == "general_decline"


async def test_nobody_pays_twice(shop: YooShop) -> None:
    payment = await shop.open()
    await send(shop, "pay", orderId=payment["id"], **CARD)
    _, page, _ = await send(shop, "pay", orderId=payment["id"], **CARD)
    assert "Оплачено" in page
    assert shop.emulator.admin.shop().balance == 10_000_000 + 94_773


async def test_a_page_that_came_too_late_says_so(shop: YooShop) -> None:
    payment = await shop.open()
    shop.emulator.admin.advance(hours=2)
    assert "Время на оплату истекло" in await page_of(shop, payment)
    assert (await send(shop, "pay", orderId="invented", **CARD))[0] == 404


async def test_a_card_is_bound_on_a_page_of_its_own(shop: YooShop) -> None:
    body = {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": BACK}}
    binding = (await shop.post("/payment_methods", body)).json
    assert "Деньги не спишутся" in await page_of(shop, binding)
    assert (await send(shop, "bind", methodId=binding["id"], **CARD))[2] == BACK
    assert (await shop.get(f"/payment_methods/{binding['id']}")).json["status"] == "active"


async def test_the_emulators_own_page_turns_the_clock_and_lists_payments(shop: YooShop) -> None:
    payment = await shop.open(description="Premium <1>")
    shop.emulator.admin.decline(payment["id"])
    async with shop.session.get(f"{shop.emulator.admin_url}/") as response:
        page = await response.text()
    assert "Premium &lt;1&gt;" in page
    assert "990 ₽ · отменён · general_decline" in page
    assert 'data-seconds="86400"' in page
