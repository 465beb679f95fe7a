"""What becomes of payments, refunds and receipts: every change of state, and what time alone brings about.

pending ──paid, capture──▶ succeeded
   │   └──paid, two stages──▶ waiting_for_capture ──capture──▶ succeeded
   │                                   └──cancel, or time──▶ canceled
   └──declined, or an hour without confirmation──▶ canceled
"""

from __future__ import annotations

from ai_chat.emulators.json_values import JsonObject, as_object
from ai_chat.emulators.yookassa.payments import DAY, HOLD_SECONDS, HOUR, FiscalReceipt, Method, Payment, Refund
from ai_chat.emulators.yookassa.world import World

CONFIRMATION_SECONDS = HOUR


def confirm(world: World, payment: Payment, method: Method) -> None:
    """The money is there: take it, or hold it until the shop says."""
    _look_back(world, payment)
    payment.method = method
    world.methods[method.id] = method
    if payment.capture:
        capture(world, payment, payment.amount)
        return
    payment.status = "waiting_for_capture"
    payment.expires = world.now() + HOLD_SECONDS.get(method.type, 7 * DAY)
    announce(world, payment)


def capture(world: World, payment: Payment, amount: int) -> None:
    """Take the money, or a part of what is held; the rest returns by itself."""
    payment.status, payment.amount, payment.captured = "succeeded", amount, world.now()
    payment.expires = None
    payment.shop.balance += payment.shop.income(amount)
    if payment.receipt is not None:
        payment.registration = "pending"
        keep_receipt(world, payment, payment.receipt)
    announce(world, payment)


def cancel(world: World, payment: Payment, party: str, reason: str) -> None:
    _look_back(world, payment)
    payment.status, payment.party, payment.reason = "canceled", party, reason
    payment.expires = None
    announce(world, payment)


def charge(world: World, payment: Payment, method: Method) -> None:
    """A saved method without its owner: as its script says, else as the card is."""
    payment.method = method
    outcome = method.script.pop(0) if method.script else method.auto_reason or "ok"
    if method.revoked:
        outcome = "permission_revoked"
    elif outcome == "ok" and _expired(world, method):
        outcome = "card_expired"
    word, _, reason = outcome.partition(":")
    if word == "pending":
        payment.finish_at, payment.finish_reason = world.now() + world.habits.charge_seconds, reason or None
    elif outcome == "ok":
        confirm(world, payment, method)
    else:
        cancel(world, payment, "payment_network", outcome)


def give_back(world: World, refund: Refund, payment: Payment, outcome: str | None) -> None:
    """A refund that is through, or is not."""
    if outcome is None and refund.amount > payment.shop.balance:
        outcome = "insufficient_funds"
    refund.finish_at = None
    if outcome is not None:
        refund.status, refund.reason = "canceled", outcome
        return
    refund.status = "succeeded"
    payment.refunded += refund.amount
    payment.shop.balance -= refund.amount
    if refund.receipt is not None:
        refund.registration = "pending"
        keep_receipt(world, payment, refund.receipt, refund)
    world.post.notify("refund.succeeded", refund.id, payment.shop.webhook_url, refund.describe())


def keep_receipt(world: World, payment: Payment, content: JsonObject, refund: Refund | None = None) -> FiscalReceipt:
    kind = "refund" if refund else "payment"
    receipt = FiscalReceipt(
        world.new_id(), payment.shop, kind, payment.id, refund.id if refund else None, content, world.now()
    )
    world.receipts[receipt.id] = receipt
    return receipt


def announce(world: World, payment: Payment) -> None:
    world.post.notify(f"payment.{payment.status}", payment.id, payment.shop.webhook_url, payment.describe())


def seen(payment: Payment) -> JsonObject:
    """The payment as GET shows it, which may be late."""
    if payment.stale is not None and payment.stale_gets > 0:
        payment.stale_gets -= 1
        return payment.stale
    return payment.describe()


def tick(world: World) -> None:
    """All that is due by now."""
    now = world.now()
    for payment in tuple(world.payments.values()):
        if payment.status == "pending" and payment.finish_at is not None and payment.finish_at <= now:
            payment.finish_at = None
            if payment.finish_reason is not None:
                cancel(world, payment, "payment_network", payment.finish_reason)
            elif payment.method is not None:
                confirm(world, payment, payment.method)
        elif payment.status == "pending" and payment.confirmation and payment.created + CONFIRMATION_SECONDS <= now:
            cancel(world, payment, "yoo_money", "expired_on_confirmation")
        elif payment.status == "waiting_for_capture" and payment.expires is not None and payment.expires <= now:
            cancel(world, payment, "yoo_money", "expired_on_capture")
    for refund in world.refunds.values():
        if refund.status == "pending" and refund.finish_at is not None and refund.finish_at <= now:
            give_back(world, refund, world.payments[refund.payment_id], refund.finish_reason)
    for receipt in tuple(world.receipts.values()):
        if receipt.status == "pending" and receipt.created + world.habits.receipt_seconds <= now:
            _register(world, receipt, now)


def next_due(world: World) -> float | None:
    """When time alone will change something next."""
    moments = [payment.finish_at for payment in world.payments.values() if payment.status == "pending"]
    moments += [
        p.created + CONFIRMATION_SECONDS for p in world.payments.values() if p.status == "pending" and p.confirmation
    ]
    moments += [p.expires for p in world.payments.values() if p.status == "waiting_for_capture"]
    moments += [refund.finish_at for refund in world.refunds.values() if refund.status == "pending"]
    wait = world.habits.receipt_seconds
    moments += [receipt.created + wait for receipt in world.receipts.values() if receipt.status == "pending"]
    moments.append(world.post.next_due())
    return min((moment for moment in moments if moment is not None), default=None)


def _register(world: World, receipt: FiscalReceipt, now: float) -> None:
    receipt.status = "canceled" if world.habits.receipt_fails else "succeeded"
    receipt.registered = None if world.habits.receipt_fails else now
    if receipt.refund_id is not None:
        world.refunds[receipt.refund_id].registration = receipt.status
    elif receipt.payment_id in world.payments:
        world.payments[receipt.payment_id].registration = receipt.status


def _look_back(world: World, payment: Payment) -> None:
    if world.hooks.ahead:
        payment.stale, payment.stale_gets = payment.describe(), world.hooks.ahead


def _expired(world: World, method: Method) -> bool:
    card = as_object(method.details.get("card"))
    year, month = card.get("expiry_year"), card.get("expiry_month")
    if not isinstance(year, str) or not isinstance(month, str):
        return False
    today = world.today()
    return (int(year), int(month)) < (today.year, today.month)
