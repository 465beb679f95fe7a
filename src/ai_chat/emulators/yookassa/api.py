"""The vendor's calls: from an authorised request to the object that answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ai_chat.emulators.json_values import Json, JsonObject, as_object, as_text
from ai_chat.emulators.yookassa.failures import Failure, forbidden, invalid, not_found
from ai_chat.emulators.yookassa.lifecycle import cancel, capture, seen
from ai_chat.emulators.yookassa.payments import FiscalReceipt, Payment
from ai_chat.emulators.yookassa.receipts import checked_receipt
from ai_chat.emulators.yookassa.requests import create_binding, create_payment, create_refund
from ai_chat.emulators.yookassa.shapes import decode, kopecks_of, seconds_of, utc
from ai_chat.emulators.yookassa.shops import Shop
from ai_chat.emulators.yookassa.world import World

_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gte": lambda moment, bound: moment >= bound,
    "gt": lambda moment, bound: moment > bound,
    "lte": lambda moment, bound: moment <= bound,
    "lt": lambda moment, bound: moment < bound,
}
_LISTED_SECONDS = 3 * 365 * 24 * 3600.0


def read_body(data: bytes, content_type: str) -> JsonObject:
    """The body of a POST: an object, or nothing."""
    if data and content_type != "application/json":
        raise Failure(415, "unsupported_media_type", "Unsupported Content-Type, application/json is expected")
    try:
        value = decode(data) if data else {}
    except ValueError:
        raise invalid("Request body is not valid JSON") from None
    if not isinstance(value, dict):
        raise invalid("Request body is not a JSON object")
    return value


def post(world: World, shop: Shop, path: str, body: JsonObject) -> JsonObject:
    """Every POST of the API; `path` begins after the version."""
    match path.strip("/").split("/"):
        case ["payments"]:
            return create_payment(world, shop, body)
        case ["payments", payment_id, "capture"]:
            return _capture(_payment(world, shop, payment_id), world, body)
        case ["payments", payment_id, "cancel"]:
            payment = _payment(world, shop, payment_id)
            if payment.status != "waiting_for_capture":
                raise invalid("Payment can be canceled only in status waiting_for_capture", "payment_id")
            cancel(world, payment, "merchant", "canceled_by_merchant")
            return payment.describe()
        case ["refunds"]:
            return create_refund(world, shop, body)
        case ["receipts"]:
            return _create_receipt(world, shop, body)
        case ["payment_methods"]:
            return create_binding(world, shop, body)
        case ["webhooks"]:
            raise forbidden("Webhooks are managed with an OAuth token only")
        case ["payments" | "refunds" | "receipts" | "payment_methods" | "me", *_]:
            raise Failure(405, "method_not_allowed", "Method is not allowed for this resource")
    raise not_found("Resource", "path")


def get(world: World, shop: Shop, path: str, query: Mapping[str, str]) -> JsonObject:
    """Every GET of the API."""
    match path.strip("/").split("/"):
        case ["me"]:
            return shop.describe()
        case ["webhooks", *_]:
            raise forbidden("Webhooks are managed with an OAuth token only")
        case [kind]:
            return _list(world, shop, kind, query)
        case [kind, thing_id]:
            return _one(world, shop, kind, thing_id)
    raise not_found("Resource", "path")


def _one(world: World, shop: Shop, kind: str, thing_id: str) -> JsonObject:
    """One object of this shop."""
    if kind == "payments":
        return seen(_payment(world, shop, thing_id))
    if kind == "refunds" and (refund := world.refunds.get(thing_id)) and refund.shop is shop:
        return refund.describe()
    if kind == "receipts" and (receipt := world.receipts.get(thing_id)) and receipt.shop is shop:
        return receipt.describe()
    if kind == "payment_methods" and (method := world.methods.get(thing_id)) and method.shop_id == shop.id:
        return method.describe_binding(world.origin)
    raise not_found(kind.removesuffix("s").replace("_", " ").capitalize(), f"{kind.removesuffix('s')}_id")


def _list(world: World, shop: Shop, kind: str, query: Mapping[str, str]) -> JsonObject:
    if kind == "payments":
        return _list_payments(world, shop, query)
    if kind == "refunds":
        return _list_refunds(world, shop, query)
    if kind == "receipts":
        return _list_receipts(world, shop, query)
    raise not_found("Resource", "path")


def _payment(world: World, shop: Shop, payment_id: str) -> Payment:
    payment = world.payments.get(payment_id)
    if payment is None or payment.shop is not shop:
        raise not_found("Payment", "payment_id")
    return payment


def _capture(payment: Payment, world: World, body: JsonObject) -> JsonObject:
    if payment.status != "waiting_for_capture":
        raise invalid("Payment can be captured only in status waiting_for_capture", "payment_id")
    amount = payment.amount
    if "amount" in body:
        asked = kopecks_of(body["amount"])
        if asked is None or not 0 < asked <= payment.amount:
            raise invalid("Capture amount is more than the payment's amount", "amount")
        amount = asked
    if "receipt" in body or amount != payment.amount:
        payment.receipt = checked_receipt(body.get("receipt"), amount, needed=payment.shop.fiscal)
    capture(world, payment, amount)
    return payment.describe()


def _create_receipt(world: World, shop: Shop, body: JsonObject) -> JsonObject:
    """A receipt of its own, for a payment or a refund."""
    kind = as_text(body.get("type"))
    if kind not in ("payment", "refund") or body.get("send") is not True or not body.get("settlements"):
        raise invalid("Receipt is missing or illegal", "receipt")
    refund = world.refunds.get(as_text(body.get("refund_id"))) if kind == "refund" else None
    payment = _payment(world, shop, refund.payment_id if refund else as_text(body.get("payment_id")))
    total = sum(kopecks_of(as_object(line).get("amount")) or 0 for line in _lines(body.get("settlements")))
    checked_receipt(body, total, needed=True)
    receipt = FiscalReceipt(
        world.new_id(), shop, kind, payment.id, refund.id if refund else None, dict(body), world.now()
    )
    world.receipts[receipt.id] = receipt
    return receipt.describe()


def _list_payments(world: World, shop: Shop, query: Mapping[str, str]) -> JsonObject:
    oldest = world.now() - _LISTED_SECONDS
    chosen = [
        payment
        for payment in world.payments.values()
        if payment.shop is shop
        and payment.created >= oldest
        and _wanted(payment.status, "status", query)
        and _wanted(payment.method.type if payment.method else "", "payment_method", query)
        and _in_time(payment.created, query)
        and _in_time(payment.captured, query, "captured_at")
    ]
    return _page(((payment.id, seen(payment)) for payment in chosen), query)


def _list_refunds(world: World, shop: Shop, query: Mapping[str, str]) -> JsonObject:
    chosen = [
        refund
        for refund in world.refunds.values()
        if refund.shop is shop
        and _wanted(refund.status, "status", query)
        and _wanted(refund.payment_id, "payment_id", query)
        and _in_time(refund.created, query)
    ]
    return _page(((refund.id, refund.describe()) for refund in chosen), query)


def _list_receipts(world: World, shop: Shop, query: Mapping[str, str]) -> JsonObject:
    chosen = [
        receipt
        for receipt in world.receipts.values()
        if receipt.shop is shop
        and _wanted(receipt.status, "status", query)
        and _wanted(receipt.payment_id, "payment_id", query)
        and _wanted(receipt.refund_id or "", "refund_id", query)
    ]
    return _page(((receipt.id, receipt.describe()) for receipt in chosen), query)


def _page(rows: Iterable[tuple[str, JsonObject]], query: Mapping[str, str]) -> JsonObject:
    """Newest first, from the row that the cursor names."""
    limit = query.get("limit", "10")
    if not limit.isdigit() or not 1 <= int(limit) <= 100:
        raise invalid("limit must be from 1 to 100", "limit")
    newest = list(rows)[::-1]
    start = 0
    if cursor := query.get("cursor"):
        start = next((index for index, (row_id, _) in enumerate(newest) if row_id == cursor), -1)
        if start < 0:
            raise invalid("Invalid cursor", "cursor")
    end = start + int(limit)
    items: list[Json] = [row for _, row in newest[start:end]]
    listed: JsonObject = {"type": "list", "items": items}
    if end < len(newest):
        listed["next_cursor"] = newest[end][0]
    return listed


def _wanted(value: str, name: str, query: Mapping[str, str]) -> bool:
    return name not in query or query[name] == value


def _in_time(moment: float | None, query: Mapping[str, str], name: str = "created_at") -> bool:
    for word, fits in _COMPARE.items():
        if (text := query.get(f"{name}.{word}")) is None:
            continue
        try:
            bound = seconds_of(text)
        except ValueError:
            raise invalid("Invalid date and time", f"{name}.{word}") from None
        if moment is None or not fits(seconds_of(utc(moment)), bound):
            return False
    return True


def _lines(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
