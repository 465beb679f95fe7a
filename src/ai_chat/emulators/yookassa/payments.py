"""Payments, saved methods, refunds and receipts as records, and their shapes on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field

from ai_chat.emulators.json_values import Json, JsonObject
from ai_chat.emulators.yookassa.shapes import money, moscow, utc
from ai_chat.emulators.yookassa.shops import Shop

HOUR = 3600.0
DAY = 24 * HOUR
HOLD_SECONDS = {"bank_card": 7 * DAY, "yoo_money": 7 * DAY, "sberbank": 5 * DAY, "tinkoff_bank": 7 * DAY}


@dataclass(slots=True)
class Method:
    """What somebody paid with, or has bound. `script` is what becomes of the next charges without them."""

    id: str
    type: str
    title: str
    shop_id: str
    saved: bool = False
    status: str = "active"
    details: JsonObject = field(default_factory=dict)
    script: list[str] = field(default_factory=list)
    auto_reason: str | None = None
    """Why every charge without its owner fails, if it does."""
    revoked: bool = False
    return_url: str = ""

    def describe(self) -> JsonObject:
        status = "inactive" if not self.saved else self.status
        return {
            "type": self.type,
            "id": self.id,
            "saved": self.saved,
            "status": status,
            "title": self.title,
            **self.details,
        }

    def describe_binding(self, origin: str) -> JsonObject:
        """`GET /payment_methods/{id}`"""
        described: JsonObject = {
            "type": self.type,
            "id": self.id,
            "saved": self.saved,
            "status": self.status,
            "title": self.title,
            "holder": {"account_id": self.shop_id, "gateway_id": "2617846"},
            **self.details,
        }
        if self.status == "pending":
            described["confirmation"] = {
                "type": "redirect",
                "return_url": self.return_url,
                "confirmation_url": f"{origin}/checkout/bind?methodId={self.id}",
            }
        return described


@dataclass(slots=True)
class Payment:
    """One payment."""

    id: str
    shop: Shop
    amount: int
    created: float
    capture: bool
    description: str
    metadata: JsonObject
    confirmation: JsonObject
    only: str | None
    """The one type of method that may pay; None: the person chooses."""
    save: bool
    receipt: JsonObject | None
    customer: str | None = None
    status: str = "pending"
    method: Method | None = None
    captured: float | None = None
    expires: float | None = None
    refunded: int = 0
    reason: str | None = None
    party: str | None = None
    registration: str | None = None
    secure: bool = False
    finish_at: float | None = None
    """A charge without its owner that takes its time: it ends then, as `finish_reason` says."""
    finish_reason: str | None = None
    attempts: int = 0
    last_reason: str | None = None
    """Why the last attempt on the page failed."""
    stale: JsonObject | None = None
    """What GET still says, for `stale_gets` more times."""
    stale_gets: int = 0

    @property
    def return_url(self) -> str:
        url = self.confirmation.get("return_url")
        return url if isinstance(url, str) else ""

    def describe(self) -> JsonObject:
        paid = self.status in ("succeeded", "waiting_for_capture")
        described: JsonObject = {
            "id": self.id,
            "status": self.status,
            "amount": money(self.amount),
            "description": self.description,
            "recipient": {"account_id": self.shop.id, "gateway_id": self.shop.gateway_id},
            "created_at": utc(self.created),
            "test": self.shop.test,
            "paid": paid,
            "refundable": self.status == "succeeded" and self.refunded < self.amount,
            "metadata": dict(self.metadata),
        }
        if not self.description:
            del described["description"]
        if self.status == "succeeded":
            described["income_amount"] = money(self.shop.income(self.amount))
            described["refunded_amount"] = money(self.refunded)
        if self.captured is not None:
            described["captured_at"] = utc(self.captured)
        if self.status == "waiting_for_capture" and self.expires is not None:
            described["expires_at"] = utc(self.expires)
        if self.status == "pending" and self.confirmation:
            described["confirmation"] = dict(self.confirmation)
        if self.method is not None:
            described["payment_method"] = self.method.describe()
            described["authorization_details"] = {
                "rrn": str(int(self.id[-12:], 16) % 10**12).rjust(12, "0"),
                "auth_code": str(int(self.id[-12:], 16) % 10**6).rjust(6, "0"),
                "three_d_secure": {
                    "applied": self.secure,
                    "method_completed": False,
                    "challenge_completed": self.secure,
                },
            }
        if self.reason is not None:
            described["cancellation_details"] = {"party": self.party, "reason": self.reason}
        if self.registration is not None:
            described["receipt_registration"] = self.registration
        if self.customer:
            described["merchant_customer_id"] = self.customer
        return described


@dataclass(slots=True)
class Refund:
    """Money back."""

    id: str
    shop: Shop
    payment_id: str
    amount: int
    created: float
    description: str
    metadata: JsonObject
    receipt: JsonObject | None
    status: str = "pending"
    reason: str | None = None
    registration: str | None = None
    finish_at: float | None = None
    finish_reason: str | None = None

    def describe(self) -> JsonObject:
        described: JsonObject = {
            "id": self.id,
            "payment_id": self.payment_id,
            "status": self.status,
            "amount": money(self.amount),
            "created_at": utc(self.created),
        }
        if self.description:
            described["description"] = self.description
        if self.metadata:
            described["metadata"] = dict(self.metadata)
        if self.reason is not None:
            party = "refund_network" if self.reason == "rejected_by_payee" else "yoo_money"
            described["cancellation_details"] = {"party": party, "reason": self.reason}
        if self.registration is not None:
            described["receipt_registration"] = self.registration
        return described


@dataclass(slots=True)
class FiscalReceipt:
    """A receipt on its way to the tax office."""

    id: str
    shop: Shop
    type: str
    payment_id: str
    refund_id: str | None
    content: JsonObject
    created: float
    status: str = "pending"
    registered: float | None = None

    def describe(self) -> JsonObject:
        items: Json = self.content.get("items", [])
        described: JsonObject = {
            "id": self.id,
            "type": self.type,
            "status": self.status,
            "items": items,
            "payment_id": self.payment_id,
        }
        if self.refund_id is not None:
            described["refund_id"] = self.refund_id
        if "tax_system_code" in self.content:
            described["tax_system_code"] = self.content["tax_system_code"]
        if self.registered is not None:
            described |= {
                "registered_at": moscow(self.registered),
                "fiscal_document_number": "3986",
                "fiscal_storage_number": "9288000100115785",
                "fiscal_attribute": "2617603921",
                "fiscal_provider_id": self.id,
            }
        return described
