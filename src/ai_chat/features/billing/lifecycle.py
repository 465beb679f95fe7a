"""Life of a payment, as pure functions: (state, event) → (state, effects). Nothing here reads a clock or a database.

Reports about payments come in any order, twice, late or never (notifications, polls, the sweep of the provider's list, the
answer to our own call). Each is folded through these functions under a lock of the order's row, and what they say to do is
done in the same transaction. A state that is final never moves again; the only way back from a captured payment is a refund.
ARCHITECTURE.md draws these machines.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

PaymentStatus = Literal["created", "pending", "waiting_for_capture", "succeeded", "canceled", "refused"]
"""created: written down here, perhaps not known to the provider. refused: the provider would not even open it."""
OrderStatus = Literal["pending", "paid", "canceled", "refunded"]
RefundStatus = Literal["created", "pending", "succeeded", "canceled", "refused"]

PAYMENT_FINAL: frozenset[str] = frozenset(("succeeded", "canceled", "refused"))
REFUND_FINAL: frozenset[str] = frozenset(("succeeded", "canceled", "refused"))
_PAYMENT_RANK = {"created": 0, "pending": 1, "waiting_for_capture": 2, "succeeded": 3, "canceled": 3, "refused": 3}
_REFUND_RANK = {"created": 0, "pending": 1, "succeeded": 2, "canceled": 2, "refused": 2}


class Effect(StrEnum):
    """What a transition asks to be done in its transaction."""

    BOOK = "book"
    """Write the movement of money into the ledger."""
    SETTLE_ORDER = "settle_order"
    """Tell the order that it is paid."""
    CLOSE_ORDER = "close_order"
    """Tell the order that its payment came to nothing."""
    ALERT = "alert"
    """Tell the operator: this should not happen."""
    GRANT = "grant"
    """Give what was bought."""
    CLOSE_OTHERS = "close_others"
    """Cancel the person's other open orders: whoever paid in one tab has no use for the other."""
    REFUND = "refund"
    """Give this payment back in full: it buys nothing."""
    FREE_PROMO = "free_promo"
    """Let the promo code be used again."""
    REVOKE = "revoke"
    """End what this order gave."""
    CHECK_ORDER = "check_order"
    """See whether the order is now refunded in full."""
    RETURN_MONEY = "return_money"
    """A refund came to nothing: what it held of the payment can be refunded again."""


def payment_after(state: PaymentStatus, reported: PaymentStatus) -> tuple[PaymentStatus, tuple[Effect, ...]]:
    """A payment after the provider said that it is `reported`. Old news and contradictions of a final state change nothing."""
    if _PAYMENT_RANK[reported] <= _PAYMENT_RANK[state]:
        return state, ()
    if reported == "succeeded":
        return reported, (Effect.BOOK, Effect.SETTLE_ORDER)
    if reported in PAYMENT_FINAL:
        return reported, (Effect.CLOSE_ORDER,)
    return reported, (Effect.ALERT,) if reported == "waiting_for_capture" else ()


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What decides whether money that arrives buys something."""

    granted: bool = False
    """This order, or for a renewal this period, has been given already."""
    superseded: bool = False
    """The order was given up here, and the same person has paid another one instead."""
    charged_after_cancel: bool = False
    """A renewal that the provider began after the person had canceled."""
    owner_gone: bool = False
    """The account no longer exists."""


def order_paid(state: OrderStatus, facts: Circumstances) -> tuple[OrderStatus, tuple[Effect, ...]]:
    """The one rule for money that has arrived: exactly one payment of an order is honoured, every other is given back.

    An order that was given up (expired, closed) is honoured too when its payment succeeds late: that is what the person wanted.
    Not when they have paid another order meanwhile: then they have paid twice.
    """
    unwanted = facts.granted or facts.superseded or facts.charged_after_cancel or facts.owner_gone
    if state in ("paid", "refunded") or unwanted:
        return ("canceled" if state == "pending" else state), (Effect.REFUND,)
    return "paid", (Effect.GRANT, Effect.CLOSE_OTHERS)


def order_closed(state: OrderStatus) -> tuple[OrderStatus, tuple[Effect, ...]]:
    """The payment failed, the hour is over, or another order was paid."""
    return ("canceled", (Effect.FREE_PROMO,)) if state == "pending" else (state, ())


def order_refunded(state: OrderStatus, *, paid: int, refunded: int) -> tuple[OrderStatus, tuple[Effect, ...]]:
    """A full refund ends what was bought at once; a part of the money leaves it as it is."""
    if state == "paid" and refunded >= paid:
        return "refunded", (Effect.REVOKE,)
    return state, ()


def refund_after(state: RefundStatus, reported: RefundStatus) -> tuple[RefundStatus, tuple[Effect, ...]]:
    """A refund after the provider said that it is `reported`."""
    if _REFUND_RANK[reported] <= _REFUND_RANK[state]:
        return state, ()
    if reported == "succeeded":
        return reported, (Effect.BOOK, Effect.CHECK_ORDER)
    if reported in REFUND_FINAL:
        return reported, (Effect.RETURN_MONEY, Effect.ALERT)
    return reported, ()


SubscriptionState = Literal["active", "canceling", "past_due", "expired", "canceled"]
"""canceling: paid until the period ends, not renewed. past_due: a renewal failed and is tried again. canceled: refunded."""


class SubscriptionEvent(StrEnum):
    """What happens to a subscription."""

    PAID = "paid"
    RENEWAL_FAILED = "renewal_failed"
    CANCEL = "cancel"
    RESUME = "resume"
    TIME_OVER = "time_over"
    """The last moment of what was granted, the grace of a failed renewal included, is past."""
    REFUNDED = "refunded"


_SUBSCRIPTION: dict[tuple[SubscriptionState, SubscriptionEvent], SubscriptionState] = {
    ("active", SubscriptionEvent.PAID): "active",
    ("active", SubscriptionEvent.RENEWAL_FAILED): "past_due",
    ("active", SubscriptionEvent.CANCEL): "canceling",
    ("active", SubscriptionEvent.RESUME): "active",
    ("active", SubscriptionEvent.TIME_OVER): "expired",
    ("active", SubscriptionEvent.REFUNDED): "canceled",
    ("canceling", SubscriptionEvent.PAID): "canceling",
    ("canceling", SubscriptionEvent.RENEWAL_FAILED): "canceling",
    ("canceling", SubscriptionEvent.CANCEL): "canceling",
    ("canceling", SubscriptionEvent.RESUME): "active",
    ("canceling", SubscriptionEvent.TIME_OVER): "expired",
    ("canceling", SubscriptionEvent.REFUNDED): "canceled",
    ("past_due", SubscriptionEvent.PAID): "active",
    ("past_due", SubscriptionEvent.RENEWAL_FAILED): "past_due",
    ("past_due", SubscriptionEvent.CANCEL): "canceling",
    ("past_due", SubscriptionEvent.RESUME): "past_due",
    ("past_due", SubscriptionEvent.TIME_OVER): "expired",
    ("past_due", SubscriptionEvent.REFUNDED): "canceled",
    ("expired", SubscriptionEvent.PAID): "active",
    ("canceled", SubscriptionEvent.PAID): "active",
}


def subscription_after(state: SubscriptionState, event: SubscriptionEvent) -> SubscriptionState:
    """A subscription after `event`; what cannot happen to an ended one leaves it ended."""
    return _SUBSCRIPTION.get((state, event), state)
