"""From the body of a call to a record, or to a refusal."""

from __future__ import annotations

from ai_chat.emulators.json_values import JsonObject, as_object, as_text
from ai_chat.emulators.yookassa.failures import NO_METHOD, RECURRING, forbidden, invalid, not_found
from ai_chat.emulators.yookassa.lifecycle import charge, give_back
from ai_chat.emulators.yookassa.payments import DAY, Method, Payment, Refund
from ai_chat.emulators.yookassa.receipts import checked_receipt
from ai_chat.emulators.yookassa.shapes import kopecks_of
from ai_chat.emulators.yookassa.shops import Shop
from ai_chat.emulators.yookassa.world import World

_LIMITS = {"bank_card": 35_000_000, "sbp": 70_000_000, "tinkoff_bank": 70_000_000}
_CONFIRMATIONS = frozenset(("redirect", "embedded", "qr", "external", "mobile_application"))
_OLDEST_REFUND = 3 * 365 * DAY


def create_payment(world: World, shop: Shop, body: JsonObject) -> JsonObject:
    """`POST /payments`"""
    amount = _amount(body)
    save = body.get("save_payment_method") is True
    method_id = body.get("payment_method_id")
    if (save or method_id is not None) and not shop.recurring:
        raise forbidden(RECURRING)
    method = _saved_method(world, shop, method_id) if method_id is not None else None
    kind = as_text(as_object(body.get("payment_method_data")).get("type")) or None
    _check_kind(shop, kind, amount, two_stages=body.get("capture") is not True)
    payment = Payment(
        id=world.new_id(),
        shop=shop,
        amount=amount,
        created=world.now(),
        capture=body.get("capture") is True,
        description=_description(body, 128),
        metadata=_metadata(body),
        confirmation={},
        only=kind,
        save=save,
        receipt=checked_receipt(body.get("receipt"), amount, needed=shop.fiscal),
        customer=as_text(body.get("merchant_customer_id"))[:200] or None,
    )
    if method is None:
        payment.confirmation = _confirmation(world, payment.id, as_object(body.get("confirmation")))
    world.payments[payment.id] = payment
    if method is not None:
        charge(world, payment, method)
    return payment.describe()


def create_refund(world: World, shop: Shop, body: JsonObject) -> JsonObject:
    """`POST /refunds`"""
    payment = world.payments.get(as_text(body.get("payment_id")))
    if payment is None or payment.shop is not shop:
        raise not_found("Payment", "payment_id")
    amount = _amount(body)
    if payment.status != "succeeded":
        raise invalid("Payment can't be refunded in its current status", "payment_id")
    if world.now() - payment.created > _OLDEST_REFUND:
        raise invalid("Payment is too old to be refunded", "payment_id")
    held = sum(r.amount for r in world.refunds.values() if r.payment_id == payment.id and r.status != "canceled")
    if amount > payment.amount - held:
        raise invalid("Refund amount is more than the amount that can be refunded", "amount")
    refund = Refund(
        id=world.new_id(),
        shop=shop,
        payment_id=payment.id,
        amount=amount,
        created=world.now(),
        description=_description(body, 250),
        metadata=_metadata(body),
        receipt=checked_receipt(
            body.get("receipt"), amount, needed=shop.fiscal and amount != payment.amount and payment.receipt is not None
        ),
    )
    if refund.receipt is None and amount == payment.amount:
        refund.receipt = payment.receipt
    world.refunds[refund.id] = refund
    slow = payment.method is not None and payment.method.type == "sbp"
    wait = world.habits.sbp_refund_seconds if slow else world.habits.refund_seconds
    if wait > 0:
        refund.finish_at, refund.finish_reason = world.now() + wait, world.habits.refund_reason
    else:
        give_back(world, refund, payment, world.habits.refund_reason)
    return refund.describe()


def create_binding(world: World, shop: Shop, body: JsonObject) -> JsonObject:
    """`POST /payment_methods`"""
    if not shop.recurring:
        raise forbidden(RECURRING)
    kind = as_text(body.get("type"))
    if kind not in ("bank_card", "sbp") or kind not in shop.methods:
        raise invalid("Payment method is not available", "type")
    confirmation = as_object(body.get("confirmation"))
    url = _return_url(confirmation)
    method = Method(world.new_id(), kind, "", shop.id, status="pending", return_url=url)
    world.methods[method.id] = method
    return method.describe_binding(world.origin)


def _saved_method(world: World, shop: Shop, method_id: object) -> Method:
    method = world.methods.get(method_id) if isinstance(method_id, str) else None
    if method is None or method.shop_id != shop.id or not method.saved or method.status != "active":
        raise invalid(NO_METHOD, "payment_method_id")
    return method


def _amount(body: JsonObject) -> int:
    amount = kopecks_of(body.get("amount"))
    if amount is None:
        raise invalid("Invalid value for amount", "amount.value")
    if amount < 100:
        raise invalid("Amount is less than the minimum", "amount.value")
    return amount


def _check_kind(shop: Shop, kind: str | None, amount: int, *, two_stages: bool) -> None:
    if kind is not None and (kind not in shop.methods or (kind == "sbp" and two_stages)):
        raise invalid("Payment method is not available", "payment_method_data.type")
    if amount > _LIMITS.get(kind or "", max(_LIMITS.values())):
        raise invalid("Amount exceeds the maximum for this payment method", "amount.value")


def _description(body: JsonObject, most: int) -> str:
    description = body.get("description", "")
    if not isinstance(description, str) or len(description) > most:
        raise invalid(f"Description is longer than {most} characters", "description")
    return description


def _metadata(body: JsonObject) -> JsonObject:
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict) or len(metadata) > 16:
        raise invalid("Metadata has more than 16 keys", "metadata")
    for name, value in metadata.items():
        if len(name) > 32 or not isinstance(value, str) or len(value) > 512:
            raise invalid("Metadata keys are up to 32, values up to 512 characters", "metadata")
    return metadata


def _confirmation(world: World, payment_id: str, asked: JsonObject) -> JsonObject:
    kind = as_text(asked.get("type"))
    if kind not in _CONFIRMATIONS:
        raise invalid("Confirmation is missing or its type is unknown", "confirmation.type")
    page = f"{world.origin}/checkout/payments/v2/contract?orderId={payment_id}"
    if kind in ("redirect", "mobile_application"):
        return {"type": kind, "return_url": _return_url(asked), "confirmation_url": page}
    if kind == "embedded":
        return {"type": kind, "confirmation_token": f"ct-{payment_id}"}
    if kind == "qr":
        return {"type": kind, "confirmation_data": page}
    return {"type": kind}


def _return_url(asked: JsonObject) -> str:
    url = as_text(asked.get("return_url"))
    if not url.startswith(("https://", "http://")) or len(url) > 2048:
        raise invalid("return_url is missing or is no address", "confirmation.return_url")
    return url
