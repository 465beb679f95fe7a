"""The outbox: letters are queued in the transaction of what they tell of, and sent by a job that tries again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ai_chat.features.mail.models import Mail
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.ids import new_id
from ai_chat.storage.claims import claim_due, free
from ai_chat.storage.database import Database

PRIVATE = "private:"
"""How the reference of a letter begins whose text is for its reader's eyes only."""
_LEASE = timedelta(minutes=2)
_AT_ONCE = 5
"""A server that hangs costs 20 seconds a letter: so many are through before another worker may take them over."""
_PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail server is handed. `id` becomes its Message-ID, so that a letter sent twice is shown once."""

    id: UUID
    recipient: str
    subject: str
    text: str


class MailSender(Protocol):
    """A way to send e-mail."""

    async def send(self, letter: Letter) -> None:
        """Raises OSError where it could not be handed over."""


def queue(
    session: Session, *, reference: str, user_id: UUID | None, recipient: str, subject: str, text: str, now: datetime
) -> bool:
    """Adds a letter; False where the same thing has been told before."""
    if session.scalar(select(Mail.id).where(Mail.reference == reference)) is not None:
        return False
    session.add(
        Mail(
            id=new_id(), reference=reference, user_id=user_id, recipient=recipient, subject=subject[:255], text=text,
            status="queued", looks=0, next_look_at=now, created_at=now,
        )
    )  # fmt: skip
    session.flush()
    return True


class Outbox:
    """Sends what is queued. Without a mail server letters are kept as `logged`, for the operator to see."""

    def __init__(self, database: Database, sender: MailSender | None, clock: Clock) -> None:
        self._database = database
        self._sender = sender
        self._clock = clock

    @property
    def sends(self) -> bool:
        """A mail server is set."""
        return self._sender is not None

    async def send_due(self) -> int:
        """Sends all letters that are due; how many there were."""
        now = self._clock()
        due = Mail.next_look_at <= now

        def claim(session: Session) -> Sequence[Mail]:
            ids = claim_due(session, Mail, due, first=Mail.next_look_at, now=now, lease=_LEASE, limit=_AT_ONCE)
            return session.scalars(select(Mail).where(Mail.id.in_(ids))).all()

        if not await self._database.read(
            lambda session: session.scalar(select(Mail.id).where(due, free(Mail, now)).limit(1))
        ):
            return 0
        mails = await self._database.write(claim)
        for mail in mails:
            await self._send(mail)
        return len(mails)

    async def _send(self, mail: Mail) -> None:
        now = self._clock()
        values: dict[str, object] = {"claimed_until": None, "looks": mail.looks + 1, "next_look_at": None}
        if self._sender is None:
            log.info("no mail server is set, a letter stays here", reference=mail.reference)
            values |= {"status": "logged"}
        else:
            try:
                await self._sender.send(Letter(mail.id, mail.recipient, mail.subject, mail.text))
                values |= {"status": "sent", "sent_at": now, "problem": None}
            except OSError as problem:
                values |= {"problem": str(problem)[:250]}
                if mail.looks < len(_PAUSES):
                    values |= {"next_look_at": now + _PAUSES[mail.looks]}
                else:
                    values |= {"status": "failed"}
                log.warning("a letter could not be sent", reference=mail.reference, problem=str(problem)[:250])
        change = update(Mail).where(Mail.id == mail.id).values(**values)
        await self._database.write(lambda session: session.execute(change))
