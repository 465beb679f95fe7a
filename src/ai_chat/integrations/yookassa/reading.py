"""Reads YooKassa's objects, leniently where nothing hangs on it and strictly where money does.

An id, a state and an amount must be there; everything else may be missing, of a wrong type or a word that we do not know,
and must not keep us from seeing that a payment succeeded.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal, TypeVar, get_args

import msgspec

from ai_chat.features.billing.ports import (
    Binding,
    BindingState,
    Payment,
    PaymentState,
    ReceiptState,
    Refund,
    RefundState,
    SavedMethod,
    Shop,
)
from ai_chat.integrations.yookassa.composing import REFERENCE
from ai_chat.kernel.money import Kopecks, parse_amount

State = TypeVar("State", bound=str)

_AMOUNT = re.compile(r"\d{1,12}(\.\d{1,9})?", re.ASCII)
_decoder = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


class Unreadable(ValueError):
    """Something else than the object that was asked for."""


@dataclass(frozen=True, slots=True)
class IssuedReceipt:
    """A fiscal receipt as it was registered."""

    id: str
    type: str
    """payment | refund"""
    state: str
    registered_at: datetime | None
    fiscal_document_number: str | None


class Fields:
    """A JSON object whose fields may be anything."""

    def __init__(self, value: object) -> None:
        self._fields: Mapping[str, object] = value if isinstance(value, dict) else {}

    def __bool__(self) -> bool:
        return bool(self._fields)

    def within(self, name: str) -> "Fields":
        return Fields(self._fields.get(name))

    def items(self, name: str) -> list["Fields"]:
        value = self._fields.get(name)
        return [Fields(item) for item in value] if isinstance(value, list) else []

    def words(self, name: str) -> list[str]:
        value = self._fields.get(name)
        return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def texts(self, name: str) -> dict[str, str]:
        value = self._fields.get(name)
        return {k: v for k, v in value.items() if isinstance(v, str)} if isinstance(value, dict) else {}

    def text(self, name: str) -> str | None:
        value = self._fields.get(name)
        return value if isinstance(value, str) else None

    def flag(self, name: str) -> bool:
        return self._fields.get(name) is True

    def moment(self, name: str) -> datetime | None:
        """A time with a zone, in UTC."""
        try:
            moment = datetime.fromisoformat(self.text(name) or "")
            return moment.astimezone(UTC) if moment.tzinfo else None
        except (ValueError, OverflowError):
            return None

    def money(self, name: str) -> tuple[Kopecks, str] | None:
        """Kopecks and currency; None where they cannot be told exactly."""
        amount = self.within(name)
        value, currency = amount._fields.get("value"), amount.text("currency")
        if currency is None or not isinstance(value, str | int | Decimal) or not _AMOUNT.fullmatch(str(value)):
            return None
        try:
            return parse_amount(str(value)), currency
        except ValueError:
            return None

    def needed(self, name: str) -> str:
        if value := self.text(name):
            return value
        raise Unreadable(f"no {name}")

    def needed_money(self, name: str) -> tuple[Kopecks, str]:
        if (value := self.money(name)) is not None:
            return value
        raise Unreadable(f"no {name}")


def read_object(body: bytes) -> Fields:
    """The object in an answer's body; numbers keep every digit."""
    try:
        content = _decoder.decode(body)
    except (msgspec.MsgspecError, RecursionError) as problem:
        raise Unreadable("not a JSON object") from problem
    return Fields(content)


def read_payment(fields: Fields) -> Payment:
    amount, currency = fields.needed_money("amount")
    state = fields.needed("status")
    net = fields.money("income_amount")
    refunded = fields.money("refunded_amount")
    cancellation = fields.within("cancellation_details")
    metadata = fields.texts("metadata")
    return Payment(
        id=fields.needed("id"),
        state=_known(state, get_args(PaymentState), "pending"),
        raw_state=state,
        amount=amount,
        currency=currency,
        paid=fields.flag("paid"),
        test=fields.flag("test"),
        shop_id=fields.within("recipient").text("account_id") or "",
        reference=metadata.get(REFERENCE),
        metadata=metadata,
        created_at=_created(fields),
        captured_at=fields.moment("captured_at"),
        expires_at=fields.moment("expires_at"),
        confirmation_url=_web_address(fields.within("confirmation").text("confirmation_url")),
        net=net[0] if net and net[1] == currency else None,
        refunded=refunded[0] if refunded else Kopecks(0),
        method=read_method(fields.within("payment_method")),
        reason=cancellation.text("reason"),
        canceled_by=cancellation.text("party"),
        receipt=_receipt_state(fields),
    )


def read_refund(fields: Fields) -> Refund:
    amount, currency = fields.needed_money("amount")
    state = fields.needed("status")
    cancellation = fields.within("cancellation_details")
    return Refund(
        id=fields.needed("id"),
        payment_id=fields.needed("payment_id"),
        state=_known(state, get_args(RefundState), "pending"),
        raw_state=state,
        amount=amount,
        currency=currency,
        reference=fields.texts("metadata").get(REFERENCE),
        created_at=_created(fields),
        reason=cancellation.text("reason"),
        canceled_by=cancellation.text("party"),
        receipt=_receipt_state(fields),
    )


def read_binding(fields: Fields) -> Binding:
    state = fields.needed("status")
    method = read_method(fields)
    if method is None:
        raise Unreadable("no id")
    return Binding(
        state=_known(state, get_args(BindingState), "pending"),
        raw_state=state,
        method=method,
        shop_id=fields.within("holder").text("account_id") or "",
        confirmation_url=_web_address(fields.within("confirmation").text("confirmation_url")),
    )


def read_method(fields: Fields) -> SavedMethod | None:
    """Every paid payment names a method; only one that is marked as saved may be charged again."""
    method_id = fields.text("id")
    if not method_id:
        return None
    kind = fields.text("type") or "unknown"
    last_digits = fields.within("card").text("last4")
    title = fields.text("title") or (f"*{last_digits}" if last_digits else kind)
    return SavedMethod(
        id=method_id[:64],
        type=kind[:40],
        title=title[:255],
        reusable=fields.flag("saved") and fields.text("status") in (None, "active"),
    )


def read_shop(fields: Fields) -> Shop:
    return Shop(
        id=fields.needed("account_id"),
        test=fields.flag("test"),
        enabled=fields.text("status") != "disabled",
        fiscal=fields.within("fiscalization").flag("enabled") or fields.flag("fiscalization_enabled"),
        pay_with=fields.words("payment_methods"),
    )


def read_receipt(fields: Fields) -> IssuedReceipt:
    return IssuedReceipt(
        id=fields.needed("id"),
        type=fields.text("type") or "",
        state=fields.needed("status"),
        registered_at=fields.moment("registered_at"),
        fiscal_document_number=fields.text("fiscal_document_number"),
    )


def _known(word: str, known: tuple[State, ...], otherwise: State) -> State:
    return next((state for state in known if state == word), otherwise)


def _receipt_state(fields: Fields) -> ReceiptState | None:
    word = fields.text("receipt_registration")
    states: tuple[Literal["pending", "succeeded", "canceled"], ...] = get_args(ReceiptState)
    return _known(word, states, "pending") if word else None


def _created(fields: Fields) -> datetime:
    if (moment := fields.moment("created_at")) is None:
        raise Unreadable("no created_at")
    return moment


def _web_address(text: str | None) -> str | None:
    """An address that a browser can be sent to, and nothing else (`javascript:` is one too)."""
    return text if text and text.startswith(("https://", "http://")) and len(text) <= 2048 else None
