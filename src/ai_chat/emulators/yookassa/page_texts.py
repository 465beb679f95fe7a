"""Russian sentences of the payment page: why a payment failed, and the banks to choose from."""

from __future__ import annotations

from ai_chat.emulators.yookassa.paying import NO_AUTOPAY_BANK

REASONS = {
    "3d_secure_failed": "Не пройдена проверка 3-D Secure",
    "call_issuer": "Банк отклонил платёж. Позвоните в банк, который выпустил карту",
    "card_expired": "Истёк срок действия карты",
    "country_forbidden": "Нельзя заплатить картой, выпущенной в этой стране",
    "fraud_suspected": "Платёж заблокирован из-за подозрения в мошенничестве",
    "general_decline": "Банк отклонил платёж без объяснения причин",
    "identification_required": "Кошелёк нужно идентифицировать",
    "insufficient_funds": "Не хватает денег",
    "invalid_card_number": "Неправильный номер карты",
    "invalid_csc": "Неправильный код CVC",
    "issuer_unavailable": "Банк, выпустивший карту, недоступен",
    "payment_method_limit_exceeded": "Превышен лимит платежей",
    "payment_method_restricted": "Операции этим способом запрещены",
    "permission_revoked": "Разрешение на автоплатежи отозвано",
    "expired_on_confirmation": "Время на оплату истекло",
    "expired_on_capture": "Время на списание истекло",
    "canceled_by_merchant": "Магазин отменил платёж",
}
BANKS = {
    "100000000111": "Сбербанк",
    "100000000004": "Т-Банк",
    "100000000008": "Альфа-Банк",
    NO_AUTOPAY_BANK: "Банк без автоплатежей (не сохранится)",
}


def reason_text(reason: str | None) -> str:
    return REASONS.get(reason or "", "Платёж не прошёл")
