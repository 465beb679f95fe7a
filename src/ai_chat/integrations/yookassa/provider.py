"""YooKassa as billing's provider of payments, refunds and saved methods."""

import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

import structlog

from ai_chat.features.billing.ports import (
    Binding,
    BindingTerms,
    NotKnown,
    OutcomeUnknown,
    Payment,
    PaymentTerms,
    Refund,
    RefundTerms,
    Shop,
)
from ai_chat.integrations.yookassa.calls import Calls
from ai_chat.integrations.yookassa.composing import binding_request, payment_request, refund_request
from ai_chat.integrations.yookassa.reading import (
    Fields,
    IssuedReceipt,
    Unreadable,
    read_binding,
    read_payment,
    read_receipt,
    read_refund,
    read_shop,
)
from ai_chat.kernel.clock import iso

_PAGE = 100
_MOST_PAGES = 1000
_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
Thing = TypeVar("Thing")

log = structlog.get_logger()


class YooKassa:
    """Implements `PaymentProvider`, `RefundProvider` and `BindingProvider`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def compose_payment(self, terms: PaymentTerms) -> str:
        return payment_request(terms)

    def compose_refund(self, terms: RefundTerms) -> str:
        return refund_request(terms)

    def compose_binding(self, terms: BindingTerms) -> str:
        return binding_request(terms)

    async def pay(self, key: str, request: str) -> Payment:
        return _read(read_payment, await self._calls.post("/payments", key, request))

    async def payment(self, payment_id: str) -> Payment:
        return _read(read_payment, await self._calls.get(f"/payments/{_checked(payment_id)}"))

    async def payments_since(self, moment: datetime) -> Sequence[Payment]:
        query = {"created_at.gte": iso(moment)}
        return [payment async for payment in self._listed("/payments", query, read_payment)]

    async def capture(self, key: str, payment_id: str) -> Payment:
        return _read(read_payment, await self._calls.post(f"/payments/{_checked(payment_id)}/capture", key, "{}"))

    async def cancel(self, key: str, payment_id: str) -> Payment:
        """Let go of money that is only held; nothing else can be canceled."""
        return _read(read_payment, await self._calls.post(f"/payments/{_checked(payment_id)}/cancel", key, "{}"))

    async def give_back(self, key: str, request: str) -> Refund:
        return _read(read_refund, await self._calls.post("/refunds", key, request))

    async def refund(self, refund_id: str) -> Refund:
        return _read(read_refund, await self._calls.get(f"/refunds/{_checked(refund_id)}"))

    async def refunds_since(self, moment: datetime) -> Sequence[Refund]:
        query = {"created_at.gte": iso(moment)}
        return [refund async for refund in self._listed("/refunds", query, read_refund)]

    async def refunds_of(self, payment_id: str) -> Sequence[Refund]:
        query = {"payment_id": _checked(payment_id)}
        return [refund async for refund in self._listed("/refunds", query, read_refund)]

    async def bind(self, key: str, request: str) -> Binding:
        return _read(read_binding, await self._calls.post("/payment_methods", key, request))

    async def binding(self, method_id: str) -> Binding:
        return _read(read_binding, await self._calls.get(f"/payment_methods/{_checked(method_id)}"))

    async def receipts_of(self, payment_id: str) -> Sequence[IssuedReceipt]:
        query = {"payment_id": _checked(payment_id)}
        return [receipt async for receipt in self._listed("/receipts", query, read_receipt)]

    async def shop(self) -> Shop:
        return _read(read_shop, await self._calls.get("/me"))

    async def _listed(
        self, path: str, query: Mapping[str, str], read: Callable[[Fields], Thing]
    ) -> AsyncIterator[Thing]:
        """All items of all pages. One that cannot be read must not hide the others."""
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            page = await self._calls.get(path, {**query, "limit": str(_PAGE), **({"cursor": cursor} if cursor else {})})
            for item in page.items("items"):
                try:
                    yield read(item)
                except Unreadable as problem:
                    log.warning("an item of a YooKassa list cannot be read", path=path, problem=str(problem))
            following = page.text("next_cursor")
            if not following or following == cursor:
                return
            cursor = following
        raise OutcomeUnknown(f"a list of more than {_MOST_PAGES} pages")


def _read(read: Callable[[Fields], Thing], fields: Fields) -> Thing:
    try:
        return read(fields)
    except Unreadable as problem:
        raise OutcomeUnknown(f"an answer that cannot be read: {problem}") from problem


def _checked(provider_id: str) -> str:
    """An id that may stand in an address. Ids come with notifications too, which anybody can write."""
    if _ID.fullmatch(provider_id) is None:
        raise NotKnown("not_found", "this cannot be an id")
    return provider_id
