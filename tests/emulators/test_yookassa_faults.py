"""How calls to the emulated YooKassa fail, seen with the product's own client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from pydantic import SecretStr

from ai_chat.emulators.yookassa import Emulator
from ai_chat.emulators.yookassa.faults import FAULTS, UnknownFault
from ai_chat.features.billing.ports import (
    BindingTerms,
    OutcomeUnknown,
    Payment,
    PaymentTerms,
    RecurringForbidden,
    RefundTerms,
    TooManyRequests,
)
from ai_chat.integrations.yookassa.calls import Account, Calls
from ai_chat.integrations.yookassa.provider import YooKassa
from ai_chat.kernel.money import Kopecks

TERMS = PaymentTerms("order-1", Kopecks(99_000), "Premium", return_url="https://shop.example/back", save_method=True)


@pytest.fixture
async def client(kassa: Emulator) -> AsyncIterator[YooKassa]:
    account = Account(kassa.base_url, kassa.shop_id, SecretStr(kassa.secret_key))
    async with aiohttp.ClientSession() as session:
        yield YooKassa(Calls(session, account, seconds=2))


async def open_payment(client: YooKassa) -> Payment:
    return await client.pay("key-1", client.compose_payment(TERMS))


@pytest.mark.parametrize("name", ["500", "hang", "reset", "html502"])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_an_unknown_outcome_is_cleared_up_by_the_same_call(
    kassa: Emulator, client: YooKassa, name: str, when: str
) -> None:
    kassa.admin.fault(f"{name}_{when}")
    with pytest.raises(OutcomeUnknown):
        await open_payment(client)
    assert len(kassa.admin.payments()) == (1 if when == "after" else 0)
    assert (await open_payment(client)).state == "pending"
    assert len(kassa.admin.payments()) == 1


@pytest.mark.parametrize("name", ["202", "202_after", "truncated", "slow_body"])
async def test_so_are_halves_of_answers(kassa: Emulator, client: YooKassa, name: str) -> None:
    kassa.admin.fault(name)
    with pytest.raises(OutcomeUnknown):
        await open_payment(client)
    await open_payment(client)
    assert len(kassa.admin.payments()) == 1


async def test_too_many_requests_say_when_to_come_again(kassa: Emulator, client: YooKassa) -> None:
    kassa.admin.fault("429", times=2, retry_after=2500)
    for _ in range(2):
        with pytest.raises(TooManyRequests) as problem:
            await open_payment(client)
        assert problem.value.retry_after == timedelta(milliseconds=2500)
    await open_payment(client)


@pytest.mark.parametrize("name", ["unknown_fields", "unknown_reason", "unknown_method"])
async def test_what_nobody_has_heard_of_does_not_hide_a_payment(kassa: Emulator, client: YooKassa, name: str) -> None:
    payment = await open_payment(client)
    kassa.admin.pay(payment.id)
    kassa.admin.fault(name, method="GET")
    assert (await client.payment(payment.id)).state == "succeeded"


async def test_an_unknown_state_is_no_end(kassa: Emulator, client: YooKassa) -> None:
    payment = await open_payment(client)
    kassa.admin.fault("unknown_status", method="GET")
    seen = await client.payment(payment.id)
    assert (seen.state, seen.raw_state) == ("pending", "under_review")


@pytest.mark.parametrize(
    ("name", "differs"),
    [
        ("wrong_amount", lambda seen: seen.amount == 99_100),
        ("wrong_currency", lambda seen: seen.currency == "USD"),
        ("wrong_shop", lambda seen: seen.shop_id == "666"),
        ("wrong_test", lambda seen: not seen.test),
    ],
)
async def test_lies_are_told_as_they_are(
    kassa: Emulator, client: YooKassa, name: str, differs: Callable[[Payment], bool]
) -> None:
    payment = await open_payment(client)
    kassa.admin.fault(name, method="GET")
    assert differs(await client.payment(payment.id))
    assert not differs(await client.payment(payment.id))


async def test_a_fault_may_wait_for_its_path_and_stay_until_it_is_cleared(kassa: Emulator, client: YooKassa) -> None:
    payment = await open_payment(client)
    kassa.admin.fault("500_before", times=None, method="*", path="/refunds")
    await client.payment(payment.id)
    for _ in range(3):
        with pytest.raises(OutcomeUnknown):
            await client.refunds_of(payment.id)
    kassa.admin.clear_faults()
    assert await client.refunds_of(payment.id) == []


def test_a_misspelt_fault_is_an_error(kassa: Emulator) -> None:
    with pytest.raises(UnknownFault):
        kassa.admin.fault("500_befor")
    assert "500_before" in FAULTS


async def test_the_whole_way_with_the_products_client(kassa: Emulator, client: YooKassa) -> None:
    begun = datetime.now(UTC) - timedelta(seconds=1)
    opened = await open_payment(client)
    assert opened.reference == "order-1"
    kassa.admin.pay(opened.id)
    paid = await client.payment(opened.id)
    assert (paid.state, paid.amount, paid.net, paid.shop_id) == ("succeeded", 99_000, 94_773, kassa.shop_id)
    assert paid.method is not None
    assert paid.method.reusable
    again = PaymentTerms("order-2", Kopecks(99_000), "Premium", saved_method=paid.method.id)
    renewed = await client.pay("key-2", client.compose_payment(again))
    assert renewed.state == "succeeded"
    assert [payment.id for payment in await client.payments_since(begun)] == [renewed.id, opened.id]
    refund = await client.give_back("key-3", client.compose_refund(RefundTerms("r", opened.id, Kopecks(100), "why")))
    assert refund.state == "succeeded"
    assert await client.refunds_of(opened.id) == [refund]
    assert (await client.payment(opened.id)).refunded == 100
    assert (await client.shop()).test


async def test_binding_with_the_products_client(kassa: Emulator, client: YooKassa) -> None:
    text = client.compose_binding(BindingTerms("b", "https://shop.example/back"))
    binding = await client.bind("key-1", text)
    assert binding.state == "pending"
    assert binding.confirmation_url is not None
    kassa.admin.bind(binding.method.id)
    assert (await client.binding(binding.method.id)).method.reusable
    kassa.admin.shop(recurring=False)
    with pytest.raises(RecurringForbidden):
        await client.bind("key-2", text)
