"""The test cards of the vendor's documentation, and what each of them does."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SECURE = frozenset(("5555555555554477", "4793128161644804", "2200000000000004"))
_GOOD = (
    "5555555555554477", "5555555555554444", "4793128161644804", "4111111111111111", "2200000000000004",
    "2202474301322987", "6759649826438453", "4175001000000017", "370000000000002", "3528000700000000", "36700102000000",
)  # fmt: skip
_NETWORK = "payment_network"
_YOO = "yoo_money"
_BAD: dict[tuple[str, str], str] = {
    ("3d_secure_failed", _NETWORK): "5555555555554592 4839665499603842 2200000000000012",
    ("call_issuer", _NETWORK): "5555555555554535 4926946416239025 2200000000000020",
    ("card_expired", _NETWORK): "5555555555554543 4141435412630840 2200000000000038",
    ("fraud_suspected", _NETWORK): "5555555555554568 4483274282299972 2200000000000046",
    ("general_decline", _NETWORK): "5555555555554527 4889971706588753 2202202212312379",
    ("insufficient_funds", _NETWORK): "5555555555554600 4562265587712390 2200000000000053",
    ("invalid_card_number", _NETWORK): "5555555555554618 4951017853630544 2201382000000013",
    ("invalid_csc", _NETWORK): "5555555555554626 4194180666146368 2200770212727079",
    ("issuer_unavailable", _NETWORK): "5555555555554501 4654130848359150 2201382000000021",
    ("payment_method_limit_exceeded", _NETWORK): "5555555555554576 4565231022577548 2201382000000039",
    ("payment_method_restricted", _NETWORK): "5555555555554550 4233961169071671 2201382000000047",
    ("country_forbidden", _YOO): "5555555555554584 4969751510013864 2201382000000054",
    ("fraud_suspected", _YOO): "5555555555554634 4119098878796485 2201696981989955",
}
GOOD_CARD = "5555555555554444"
SECURE_CARD = "5555555555554477"
LATER_DECLINED_CARD = "2200000000000079"
"""Ours: pays when its owner is there, and has no money left whenever it is charged without them."""


@dataclass(frozen=True, slots=True)
class TestCard:
    """A card of the documentation. `reason` is None for one that pays."""

    __test__ = False

    number: str
    reason: str | None = None
    party: str = _NETWORK
    secure: bool = False
    auto_reason: str | None = None

    @property
    def network(self) -> str:
        first = self.number[:2]
        if first == "22":
            return "Mir"
        if self.number.startswith("4"):
            return "Visa"
        return {"37": "AmericanExpress", "35": "JCB", "36": "DinersClub"}.get(first, "MasterCard")


CARDS: dict[str, TestCard] = {
    **{number: TestCard(number, secure=number in _SECURE) for number in _GOOD},
    **{
        number: TestCard(number, reason, party, secure=reason == "3d_secure_failed")
        for (reason, party), numbers in _BAD.items()
        for number in numbers.split()
    },
    LATER_DECLINED_CARD: TestCard(LATER_DECLINED_CARD, auto_reason="insufficient_funds"),
}
REASONS = tuple(dict.fromkeys(card.reason for card in CARDS.values() if card.reason))


def card_of(number: str) -> TestCard | None:
    """The test card with this number, however it is spaced. Other cards do not work, as in a test shop."""
    return CARDS.get(re.sub(r"\D", "", number))
