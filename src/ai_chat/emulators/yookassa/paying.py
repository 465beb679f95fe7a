"""What a person does on the payment page: pays by card, wallet or bank, or is declined. The page and the tests share it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ai_chat.emulators.json_values import JsonObject
from ai_chat.emulators.yookassa.cards import TestCard, card_of
from ai_chat.emulators.yookassa.lifecycle import cancel, confirm
from ai_chat.emulators.yookassa.payments import Method, Payment
from ai_chat.emulators.yookassa.world import World

TITLES = {
    "bank_card": "Банковская карта",
    "sbp": "СБП",
    "sberbank": "SberPay",
    "tinkoff_bank": "T-Pay",
    "yoo_money": "Кошелёк ЮMoney",
}
NO_AUTOPAY_BANK = "100000000999"
"""A bank of the Faster Payments System that saves nothing, whatever was asked for."""


class Mistyped(ValueError):
    """The form has to be filled in again; nothing happened to the payment."""


@dataclass(frozen=True, slots=True)
class CardForm:
    """What was typed."""

    number: str
    expiry: str = "12/40"
    csc: str = "123"
    save: bool = False

    def read(self, world: World) -> tuple[TestCard, str, str]:
        """The card, and its last year and month."""
        card = card_of(self.number)
        if card is None:
            raise Mistyped("Здесь работают только тестовые карты из списка")
        match = re.fullmatch(r"(0[1-9]|1[0-2])\s*/?\s*(?:20)?(\d\d)", self.expiry.strip())
        today = world.today()
        if match is None or (2000 + int(match[2]), int(match[1])) < (today.year, today.month):
            raise Mistyped("Проверьте срок действия карты")
        if re.fullmatch(r"\d{3,4}", self.csc.strip()) is None:
            raise Mistyped("Введите код с обратной стороны карты")
        return card, f"20{match[2]}", match[1]


def offered(payment: Payment) -> list[str]:
    """The ways to pay that the page shows."""
    if payment.only is not None:
        return [payment.only]
    return [kind for kind in payment.shop.methods if payment.capture or kind != "sbp"]


def needs_code(world: World, form: CardForm) -> bool:
    return form.read(world)[0].secure


def pay_by_card(world: World, payment: Payment, form: CardForm, *, code_given: bool = True) -> None:
    """Pay, or be declined. `code_given` is about the bank's page where the card has one."""
    card, year, month = form.read(world)
    payment.secure = card.secure
    method = Method(
        id=payment.id,
        type="bank_card",
        title=f"Bank card *{card.number[-4:]}",
        shop_id=payment.shop.id,
        saved=payment.save and form.save,
        details={"card": _card_details(card, year, month)},
        auto_reason=card.auto_reason,
    )
    reason, party = card.reason, card.party
    if card.secure and not code_given:
        reason, party = "3d_secure_failed", "payment_network"
    finish(world, payment, method, reason, party)


def pay_by_wallet(world: World, payment: Payment, kind: str, *, save: bool, reason: str | None, bank: str = "") -> None:
    """Pay with anything that is not a card."""
    if kind not in offered(payment):
        raise Mistyped("Этот способ недоступен")
    details: JsonObject = {}
    title = TITLES[kind]
    if kind == "yoo_money":
        details, title = {"account_number": "410011758831136"}, "YooMoney wallet 410011758831136"
    elif kind == "sbp":
        bank_id = bank or "100000000111"
        details = {"sbp_operation_id": payment.id.replace("-", "").upper(), "payer_bank_details": {"bank_id": bank_id}}
        save = save and bank != NO_AUTOPAY_BANK
    method = Method(payment.id, kind, title, payment.shop.id, saved=payment.save and save, details=details)
    finish(world, payment, method, reason, "payment_network" if kind in ("sbp", "bank_card") else "yoo_money")


def finish(world: World, payment: Payment, method: Method, reason: str | None, party: str) -> None:
    """The end of one attempt; the last one that is declined cancels the payment."""
    if payment.status != "pending":
        raise Mistyped("Этот платёж уже завершён")
    if reason is None:
        confirm(world, payment, method)
        return
    payment.attempts += 1
    payment.last_reason = reason
    if payment.attempts >= world.habits.page_attempts:
        method.saved = False
        payment.method = method
        cancel(world, payment, party, reason)


def bind_card(world: World, method: Method, form: CardForm) -> str | None:
    """Save a card without a payment; the reason where that failed."""
    if method.status != "pending":
        raise Mistyped("Эта карта уже привязана")
    card, year, month = form.read(world)
    method.title = f"Bank card *{card.number[-4:]}"
    method.details = {"card": _card_details(card, year, month)}
    method.auto_reason = card.auto_reason
    if card.reason is not None:
        method.status = "inactive"
        return card.reason
    method.saved, method.status = True, "active"
    shop = world.shops[method.shop_id]
    world.post.notify("payment_method.active", method.id, shop.webhook_url, method.describe_binding(world.origin))
    return None


def _card_details(card: TestCard, year: str, month: str) -> JsonObject:
    return {
        "first6": card.number[:6],
        "last4": card.number[-4:],
        "expiry_year": year,
        "expiry_month": month,
        "card_type": card.network,
        "issuer_country": "RU",
    }
