"""Notifications of the emulated YooKassa, and every way in which they go wrong."""

from __future__ import annotations

import sys

import pytest

from tests.emulators.yookassa_shop import Inbox, YooShop, rub


async def paid(shop: YooShop) -> str:
    payment = await shop.open()
    shop.emulator.admin.pay(payment["id"])
    await shop.emulator.admin.settled()
    return str(payment["id"])


async def test_a_notification_carries_the_whole_object(shop: YooShop, inbox: Inbox) -> None:
    payment_id = await paid(shop)
    assert inbox.received[0] == {
        "type": "notification",
        "event": "payment.succeeded",
        "object": await shop.look(payment_id),
    }
    assert inbox.raw[0].startswith(b'{\n  "type" : "notification"')
    assert inbox.headers[0]["X-Forwarded-For"] == "185.71.76.1"


async def test_every_end_is_told(shop: YooShop, inbox: Inbox) -> None:
    payment_id = await paid(shop)
    await shop.post("/refunds", {"payment_id": payment_id, "amount": rub("1.00")})
    held = await shop.open(capture=False)
    shop.emulator.admin.pay(held["id"])
    await shop.emulator.admin.settled()
    await shop.post(f"/payments/{held['id']}/cancel")
    await shop.emulator.admin.settled()
    assert inbox.events == ["payment.succeeded", "refund.succeeded", "payment.waiting_for_capture", "payment.canceled"]


@pytest.mark.parametrize("status", [201, 204, 302, 403, 500])
async def test_anything_but_200_is_delivered_again(shop: YooShop, inbox: Inbox, status: int) -> None:
    inbox.statuses = [status, status]
    await paid(shop)
    shop.emulator.admin.advance(seconds=10)
    await shop.emulator.admin.settled()
    shop.emulator.admin.advance(seconds=60)
    await shop.emulator.admin.settled()
    shop.emulator.admin.advance(days=1)
    await shop.emulator.admin.settled()
    assert shop.emulator.admin.deliveries()[0].answers == [status, status, 200]
    assert len(inbox.received) == 3


async def test_after_a_day_it_is_given_up(shop: YooShop, inbox: Inbox) -> None:
    inbox.statuses = [500] * 100
    await paid(shop)
    for _ in range(40):
        shop.emulator.admin.advance(hours=1)
        await shop.emulator.admin.settled()
    delivery = shop.emulator.admin.deliveries()[0]
    assert delivery.state == "given up"
    assert 20 < len(delivery.answers) < 35


async def test_nobody_listening_is_tried_again(shop: YooShop, inbox: Inbox) -> None:
    shop.emulator.admin.shop(webhook_url="http://127.0.0.1:1/hook")
    await paid(shop)
    assert shop.emulator.admin.deliveries()[0].answers == [0]


async def test_copies_arrive_beside_the_first(shop: YooShop, inbox: Inbox) -> None:
    shop.emulator.admin.hooks(duplicate=2)
    await paid(shop)
    assert inbox.events == ["payment.succeeded"] * 3


async def test_lost_ones_never_arrive(shop: YooShop, inbox: Inbox) -> None:
    shop.emulator.admin.hooks(drop=1)
    await paid(shop)
    second = await paid(shop)
    assert [body["object"]["id"] for body in inbox.received] == [second]


async def test_late_ones_wait_for_the_clock(shop: YooShop, inbox: Inbox) -> None:
    shop.emulator.admin.hooks(delay=600)
    await paid(shop)
    assert inbox.events == []
    shop.emulator.admin.advance(seconds=600)
    await shop.emulator.admin.settled()
    assert inbox.events == ["payment.succeeded"]


async def test_they_can_arrive_in_the_opposite_order(shop: YooShop, inbox: Inbox) -> None:
    shop.emulator.admin.hooks(reorder=2)
    payment_id = await paid(shop)
    assert inbox.events == []
    await shop.post("/refunds", {"payment_id": payment_id, "amount": rub("1.00")})
    await shop.emulator.admin.settled()
    assert sorted(inbox.events) == ["payment.succeeded", "refund.succeeded"]


async def test_one_can_arrive_before_the_call_is_answered(shop: YooShop, inbox: Inbox) -> None:
    method = await shop.saved()
    await shop.emulator.admin.settled()
    shop.emulator.admin.hooks(before_answer=True)
    charged = await shop.charge(method)
    assert inbox.received[-1]["object"]["id"] == charged["id"]


async def test_get_can_lag_behind(shop: YooShop, inbox: Inbox) -> None:
    shop.emulator.admin.hooks(ahead=2)
    payment_id = await paid(shop)
    assert inbox.events == ["payment.succeeded"]
    states = [(await shop.look(payment_id))["status"] for _ in range(3)]
    assert states == ["pending", "pending", "succeeded"]


async def test_forged_garbage_and_huge_bodies_are_sent_as_told(shop: YooShop, inbox: Inbox) -> None:
    admin = shop.emulator.admin
    assert await admin.forge("payment.succeeded", {"id": "invented"}) == 200
    assert inbox.headers[-1]["X-Forwarded-For"] == "203.0.113.9"
    assert await admin.send(b"\x00 not json") == 400
    assert await admin.send(b'"' + b"x" * 5_000_000 + b'"') == 200
    assert len(inbox.raw[-1]) == 5_000_002


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8 on its own")
async def test_they_can_come_from_another_address_of_this_machine(shop: YooShop, inbox: Inbox) -> None:
    shop.emulator.admin.hooks(local_address="127.0.0.9", header="")
    await paid(shop)
    assert inbox.peers == ["127.0.0.9"]
    assert "X-Forwarded-For" not in inbox.headers[0]
