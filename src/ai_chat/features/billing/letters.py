"""What people are told by e-mail about their subscription, in Russian and English."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.mail.outbox import queue
from ai_chat.kernel.money import amount_text

_TEXTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "ru": {
        "paid": ("Оплата получена", "Спасибо! Мы получили {amount} ₽. Premium открыт до {until}."),
        "trial": ("Пробный период начался", "Premium открыт до {until}. Затем с карты спишется {amount} ₽."),
        "renewal_soon": (
            "Скоро продление Premium",
            (
                "{until} заканчивается оплаченный период. Незадолго до этого мы спишем {amount} ₽ с сохранённого способа оплаты. "
                "Отменить продление можно в любой момент: {url}"
            ),
        ),
        "ends_soon": ("Premium скоро закончится", "Premium открыт до {until}. Чтобы продолжить, оплатите следующий период: {url}"),
        "renewed": ("Premium продлён", "Мы списали {amount} ₽. Premium открыт до {until}."),
        "retry": (
            "Не удалось продлить Premium",
            (
                "Банк отклонил списание {amount} ₽. Premium пока открыт, до {until} мы попробуем ещё раз. "
                "Проверьте, хватает ли денег, или привяжите другую карту: {url}"
            ),
        ),
        "new_card": (
            "Нужен другой способ оплаты",
            "Списать {amount} ₽ этим способом больше нельзя. Premium открыт до {until}. Привяжите другую карту: {url}",
        ),
        "expired": ("Premium закончился", "Вы снова на бесплатном плане; чаты и сообщения на месте. Вернуться к Premium: {url}"),
        "canceled": ("Продление отменено", "Списаний больше не будет. Premium открыт до {until}. Передумали? {url}"),
        "refunded": ("Возврат оформлен", "Мы вернули {amount} ₽. Деньги придут на тот же счёт в срок, который назначает ваш банк."),
    },
    "en": {
        "paid": ("Payment received", "Thank you! We received {amount} RUB. Premium is open until {until}."),
        "trial": ("Your trial has begun", "Premium is open until {until}. After that {amount} RUB will be charged."),
        "renewal_soon": (
            "Premium renews soon",
            (
                "Your paid period ends on {until}. Shortly before that we will charge {amount} RUB to your saved payment method. "
                "You can cancel at any time: {url}"
            ),
        ),
        "ends_soon": ("Premium ends soon", "Premium is open until {until}. To go on, pay for the next period: {url}"),
        "renewed": ("Premium renewed", "We charged {amount} RUB. Premium is open until {until}."),
        "retry": (
            "Premium could not be renewed",
            (
                "Your bank declined {amount} RUB. Premium stays open for now, and we will try again until {until}. "
                "Please check your balance or add another card: {url}"
            ),
        ),
        "new_card": (
            "Another payment method is needed",
            "{amount} RUB can no longer be charged this way. Premium is open until {until}. Add another card: {url}",
        ),
        "expired": ("Premium has ended", "You are on the free plan again; all chats are still there. Come back: {url}"),
        "canceled": ("Renewal canceled", "You will not be charged again. Premium is open until {until}. Changed your mind? {url}"),
        "refunded": ("Refund made", "We returned {amount} RUB. Your bank decides how soon it arrives."),
    },
}  # fmt: skip


class Letters:
    """Queues letters; `{url}` is the page of the subscription."""

    def __init__(self, web_url: str, zone: ZoneInfo) -> None:
        self._url = f"{web_url}/settings/billing"
        self._zone = zone

    def queue(
        self, session: Session, kind: str, reference: object, user_id: UUID, locale: str, *, now: datetime,
        amount: int = 0, until: datetime | None = None,
    ) -> None:  # fmt: skip
        """One letter of a kind for one thing it tells of."""
        recipient = session.scalar(select(User.email).where(User.id == user_id))
        if recipient is None:
            return
        subject, text = _TEXTS["en" if locale == "en" else "ru"][kind]
        day = until.astimezone(self._zone).strftime("%d.%m.%Y") if until is not None else ""
        text = text.format(amount=amount_text(amount).removesuffix(".00"), until=day, url=self._url)
        queue(session, reference=f"{kind}:{reference}", user_id=user_id, recipient=recipient, subject=subject,
              text=text, now=now)  # fmt: skip
