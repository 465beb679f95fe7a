"""What people are told by e-mail about their account: that the way into it has changed, should it not have been they."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy.orm import Session

from ai_chat.features.mail.outbox import queue
from ai_chat.kernel.ids import new_id

Change = Literal["address", "password"]

_TEXTS: Mapping[str, Mapping[Change, tuple[str, str]]] = {
    "ru": {
        "address": (
            "Адрес для входа изменён",
            "Теперь в вашу учётную запись входят с адресом {email}. Если это сделали не вы, сразу напишите в поддержку.",
        ),
        "password": (
            "Пароль изменён",
            "На других устройствах выполнен выход. Если пароль изменили не вы, сразу напишите в поддержку.",
        ),
    },
    "en": {
        "address": (
            "Your sign-in address has changed",
            "Your account is now signed in to with {email}. If it was not you who did this, contact support at once.",
        ),
        "password": (
            "Your password has changed",
            "Other devices are signed out. If it was not you who did this, contact support at once.",
        ),
    },
}


def tell_of(
    session: Session,
    changes: Sequence[Change],
    *,
    user_id: UUID,
    recipient: str,
    email: str,
    locale: str,
    now: datetime,
) -> None:
    """Queues a letter for each change to `recipient`, the address so far; `email` is the one from now on."""
    for change in changes:
        subject, text = _TEXTS["en" if locale == "en" else "ru"][change]
        queue(session, reference=f"{change}:{new_id()}", user_id=user_id, recipient=recipient, subject=subject,
              text=text.format(email=email), now=now)  # fmt: skip
