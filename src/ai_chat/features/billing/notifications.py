"""What the provider tells us by itself. Stored first, answered at once, dealt with afterwards, and never believed.

A notification only says that an object is worth a look: the object is then fetched with our own credentials. Anybody who
could forge one would at most make us look. That is also why order and number of notifications do not matter.
"""

import json
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address
from uuid import UUID

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ai_chat.features.billing.lifecycle import PAYMENT_FINAL
from ai_chat.features.billing.models import Notification, Payment, Refund
from ai_chat.features.billing.payments import Payments
from ai_chat.features.billing.ports import NotKnown, PaymentProvider, ProviderProblem
from ai_chat.features.billing.refunds import Refunds
from ai_chat.features.billing.reports import of_payment
from ai_chat.features.billing.waiting import next_look
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.ids import new_id, parse_id
from ai_chat.kernel.text import storable
from ai_chat.storage.claims import claim_due, free
from ai_chat.storage.database import Database

MAX_BODY_BYTES = 256 * 1024
_LEASE = timedelta(seconds=75)
_KEPT = timedelta(days=90)

log = structlog.get_logger()
Networks = tuple[IPv4Network | IPv6Network, ...]


def is_sender(address: str, networks: Networks) -> bool:
    """Whether a request from `address` may be a notification."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return any(parsed in network for network in networks if network.version == parsed.version)


def read_notification(body: bytes) -> tuple[str, str] | None:
    """(event, id of the object); None for what is no notification."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("object"), dict):
        return None
    event, object_id = parsed.get("event"), parsed["object"].get("id")
    if not isinstance(event, str) or not isinstance(object_id, str):
        return None
    fits = 0 < len(event) <= 64 and 0 < len(object_id) <= 64 and storable(event) and storable(object_id)
    return (event, object_id) if fits else None


class Notifications:
    """The inbox."""

    def __init__(
        self, database: Database, provider: PaymentProvider, payments: Payments, refunds: Refunds, clock: Clock
    ) -> None:
        self._database = database
        self._provider = provider
        self._payments = payments
        self._refunds = refunds
        self._clock = clock

    async def receive(self, event: str, object_id: str, body: bytes, sender: str) -> None:
        """Stores a notification, each once; a repeated one makes us look again only if the matter is still open."""
        text = body.decode("utf-8", "replace").replace("\x00", "")

        def work(session: Session) -> None:
            now = self._clock()
            same = Notification.event == event, Notification.object_id == object_id
            again = session.execute(
                update(Notification)
                .where(*same)
                .values(deliveries=Notification.deliveries + 1)
                .returning(Notification.id)
            ).one_or_none()
            if again is None:
                session.add(
                    Notification(id=new_id(), event=event, object_id=object_id, body=text, sender=sender, deliveries=1,
                                 next_look_at=now, looks=0, received_at=now)
                )  # fmt: skip
                session.flush()
                return
            undecided = Payment.provider_id == object_id, Payment.status.not_in(PAYMENT_FINAL)
            session.execute(update(Payment).where(*undecided).values(next_look_at=now))

        try:
            await self._database.write(work)
        except Exception as problem:
            if "unique" not in str(problem).lower():  # two deliveries at the same instant: the other one is stored
                raise

    async def work_off(self) -> int:
        """Deals with stored notifications; how many."""
        now = self._clock()
        due = Notification.next_look_at <= now
        if not await self._database.read(
            lambda session: session.scalar(select(Notification.id).where(due, free(Notification, now)).limit(1))
        ):
            return 0

        def claim(session: Session) -> list[Notification]:
            ids = claim_due(session, Notification, due, first=Notification.next_look_at, now=now, lease=_LEASE)
            return list(session.scalars(select(Notification).where(Notification.id.in_(ids))).all())

        found = await self._database.write(claim)
        for notification in found:
            await self._deal_with(notification)
        return len(found)

    async def forget_old(self) -> None:
        old = delete(Notification).where(Notification.received_at < self._clock() - _KEPT)
        await self._database.write(lambda session: session.execute(old))

    async def _deal_with(self, notification: Notification) -> None:
        now = self._clock()
        values: dict[str, object] = {"claimed_until": None, "looks": notification.looks + 1}
        try:
            outcome = await self._outcome(notification)
        except NotKnown:
            outcome = "unknown object"
            log.warning("a notification names an object that our shop does not have", object=notification.object_id)
        except ProviderProblem as problem:
            values["next_look_at"] = next_look(notification.received_at, now)
            values["outcome"] = str(problem)[:250]
            await self._note(notification.id, values)
            return
        await self._note(notification.id, values | {"next_look_at": None, "processed_at": now, "outcome": outcome})

    async def _note(self, notification_id: UUID, values: dict[str, object]) -> None:
        change = update(Notification).where(Notification.id == notification_id).values(**values)
        await self._database.write(lambda session: session.execute(change))

    async def _outcome(self, notification: Notification) -> str:
        kind, object_id = notification.event.partition(".")[0], notification.object_id
        if kind == "refund":
            return await self._refund(object_id)
        if kind not in ("payment", "payment_method"):
            return "unknown event"
        known = await self._database.read(lambda session: _payment_of(session, object_id))
        if known is not None:
            await self._payments.look_now(known)
            return "looked"
        if kind == "payment_method":
            return "unknown method"
        payment = await self._provider.payment(object_id)
        ours = parse_id(payment.reference or "")
        if ours is None or not await self._database.read(lambda session: session.get(Payment, ours) is not None):
            log.warning("a notification names a payment that is not of an order of ours", object=object_id)
            return "not ours"
        await self._payments.apply(ours, of_payment(payment))
        return "looked"

    async def _refund(self, object_id: str) -> str:
        known = await self._database.read(
            lambda session: session.scalar(select(Refund.id).where(Refund.provider_id == object_id))
        )
        report = await self._refunds.look_up(object_id)
        if known is not None:
            await self._refunds.apply(known, report)
            return "looked"
        payment_id = await self._database.read(lambda session: _payment_of(session, report.payment_id))
        if payment_id is None:
            return "not ours"
        await self._refunds.adopt(payment_id, [report])
        return "looked"


def _payment_of(session: Session, provider_id: str) -> UUID | None:
    return session.scalar(select(Payment.id).where(Payment.provider_id == provider_id))
