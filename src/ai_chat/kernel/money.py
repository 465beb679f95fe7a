"""Money is a whole number of kopecks everywhere inside; decimals exist only where it is written for others.

Never a float: a hundredth of a rouble that is lost once is lost in every report that follows.
"""

from decimal import Decimal, InvalidOperation
from typing import NewType

Kopecks = NewType("Kopecks", int)
"""A hundredth of a rouble. May be negative where it is a movement in the ledger."""

CURRENCY = "RUB"


def from_roubles(amount: int) -> Kopecks:
    return Kopecks(amount * 100)


def parse_amount(text: str) -> Kopecks:
    """Kopecks of an amount such as "990.00"; ValueError for what is no amount or has parts of a kopeck."""
    try:
        kopecks = Decimal(text) * 100
        whole = int(kopecks)
    except (InvalidOperation, ValueError, OverflowError) as problem:
        raise ValueError(f"{text!r} is not an amount of money") from problem
    if kopecks != whole:
        raise ValueError(f"{text!r} has parts of a kopeck")
    return Kopecks(whole)


def amount_text(kopecks: int) -> str:
    """Two digits after the point (`990.00`), as payment providers write it."""
    sign, kopecks = ("-", -kopecks) if kopecks < 0 else ("", kopecks)
    return f"{sign}{kopecks // 100}.{kopecks % 100:02d}"


def roubles(kopecks: int) -> float | int:
    """The number that stands on our wire. Two decimals survive a double exactly as they are written."""
    return kopecks // 100 if kopecks % 100 == 0 else float(amount_text(kopecks))


def share(amount: int, part: float, whole: float) -> Kopecks:
    """The part of `amount` that `part` is of `whole`, rounded down to the kopeck; never below nothing, never above all."""
    if whole <= 0 or part <= 0:
        return Kopecks(0)
    return Kopecks(min(amount, int(Decimal(amount) * Decimal(part) / Decimal(whole))))
