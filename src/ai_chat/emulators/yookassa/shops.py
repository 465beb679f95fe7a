"""Shops: who may call, and what they are allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from ai_chat.emulators.json_values import Json, JsonObject

DEFAULT_SHOP = "1239880"
DEFAULT_SECRET = "test_emulatorSecretKeyForLoopbackOnly00000000"  # noqa: S105 - public by its nature
METHODS = ("bank_card", "sbp", "sberbank", "tinkoff_bank", "yoo_money")
_OPENING_BALANCE = 10_000_000


@dataclass(slots=True)
class Shop:
    """One shop. A real test shop offers only cards and YooMoney; `methods` can say so, all are on by default."""

    id: str
    secret: str
    test: bool = True
    enabled: bool = True
    recurring: bool = True
    """May save methods and charge them; live shops need the manager for that."""
    fiscal: bool = False
    """Receipts of 54-FZ are on: a payment without one is refused."""
    methods: tuple[str, ...] = METHODS
    webhook_url: str = ""
    balance: int = _OPENING_BALANCE
    """Kopecks; refunds are paid from it."""
    fee_percent: Decimal = Decimal("3.5")
    fee_vat_percent: Decimal = Decimal(22)
    gateway_id: str = field(default="2617846")

    def income(self, amount: int) -> int:
        """What the shop gets of a payment."""
        fee = Decimal(amount) * self.fee_percent / 100
        fee += fee * self.fee_vat_percent / 100
        return amount - int(fee.quantize(Decimal(1), ROUND_HALF_UP))

    def describe(self) -> JsonObject:
        """`GET /me`"""
        methods: list[Json] = [*self.methods]
        fiscal: JsonObject = {"enabled": self.fiscal}
        if self.fiscal:
            fiscal["provider"] = "fns"
        return {
            "account_id": self.id,
            "status": "enabled" if self.enabled else "disabled",
            "test": self.test,
            "fiscalization_enabled": self.fiscal,
            "fiscalization": fiscal,
            "payment_methods": methods,
            "itn": "7750005725",
        }
