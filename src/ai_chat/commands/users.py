"""`ai-chat user`: what an operator does to accounts from the server's own shell."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Update, select, update
from sqlalchemy.orm import Session

from ai_chat.commands.on_database import CommandFailed
from ai_chat.features.accounts.models import AuthSession, User
from ai_chat.features.accounts.passwords import Passwords
from ai_chat.features.accounts.schemas import EmailAddress, RegisterRequest
from ai_chat.features.admin.people import end_premium, give_premium, set_blocked
from ai_chat.features.audit.log import OPERATOR, record
from ai_chat.kernel.clock import iso, system_clock
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database

_ADDRESS: TypeAdapter[str] = TypeAdapter(EmailAddress)


async def create(database: Database, email: str, password: str, full_name: str | None) -> str:
    """A new account; the normalised address."""
    try:
        wanted = RegisterRequest(email=email, password=password, full_name=full_name)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise CommandFailed(f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}.") from problem
    now, passwords = system_clock(), Passwords()
    password_hash = await passwords.hash(password)
    passwords.close()

    def work(session: Session) -> None:
        if session.scalar(select(User.id).where(User.email == wanted.email)):
            raise CommandFailed(f"There is already an account {wanted.email}.")
        session.add(
            User(
                id=new_id(),
                email=wanted.email,
                password_hash=password_hash,
                full_name=full_name,
                subscription_tier="free",
                created_at=now,
                updated_at=now,
            )
        )

    await database.write(work)
    return wanted.email


async def table(database: Database) -> list[str]:
    """A line for each account."""
    users = await database.read(lambda session: session.scalars(select(User).order_by(User.created_at)).all())
    return [
        f"{user.email:40} {user.subscription_tier:8} {'blocked' if user.blocked_at else 'active':8} {iso(user.created_at)}"
        for user in users
    ]


async def set_plan(database: Database, email: str, plan: Literal["free", "premium"], until: datetime | None) -> None:
    """The plan from now on, for ever or `until` a moment: a grant of the operator's, or the end of all that is running."""
    now, address = system_clock(), _normal(email)

    def work(session: Session) -> None:
        user_id = _known(session, address)
        if plan == "premium":
            give_premium(session, user_id, until, "Given from the server's shell.", actor=OPERATOR, now=now)
        else:
            end_premium(session, user_id, "The operator set the plan to free.", actor=OPERATOR, now=now)

    await database.write(work)


async def set_role(database: Database, email: str, role: Literal["user", "admin"]) -> None:
    """Makes an account an administrator's, or an ordinary one again; its sessions end, so that nothing old keeps rights."""
    await _change(database, email, update(User).values(role=role), end_sessions=True, action=f"user.role_{role}")


async def set_password(database: Database, email: str, password: str) -> None:
    """A new password; every session of the account ends."""
    if not 8 <= len(password) <= 1024:
        raise CommandFailed("A password has 8 to 1024 characters.")
    passwords = Passwords()
    hashed = await passwords.hash(password)
    passwords.close()
    await _change(database, email, update(User).values(password_hash=hashed), end_sessions=True)


async def block(database: Database, email: str, *, blocked: bool) -> None:
    """Blocks an account and ends its sessions, or lets it in again."""
    now, address = system_clock(), _normal(email)
    await database.write(
        lambda session: set_blocked(session, _known(session, address), blocked=blocked, actor=OPERATOR, now=now)
    )


async def _change(
    database: Database, email: str, change: Update, *, end_sessions: bool = False, action: str | None = None
) -> None:
    now, address = system_clock(), _normal(email)

    def work(session: Session) -> None:
        user_id = _known(session, address)
        if action is not None:
            record(session, at=now, actor=OPERATOR, action=action, user_id=user_id)
        session.execute(change.where(User.id == user_id).values(updated_at=now))
        if end_sessions:
            session.execute(
                update(AuthSession)
                .where(AuthSession.user_id == user_id, AuthSession.revoked_at.is_(None))
                .values(revoked_at=now)
            )

    await database.write(work)


def _known(session: Session, address: str) -> UUID:
    user_id = session.scalar(select(User.id).where(User.email == address))
    if user_id is None:
        raise CommandFailed(f"There is no account {address}.")
    return user_id


def _normal(email: str) -> str:
    """The address as registration keeps it. Not left to the database: SQLite's lower() knows Latin letters only."""
    try:
        return _ADDRESS.validate_python(email)
    except ValidationError as problem:
        reason = problem.errors()[0]["msg"].removeprefix("Value error, ").removeprefix("is not an e-mail address: ")
        raise CommandFailed(f"{email!r} is not an e-mail address: {reason.rstrip('.')}.") from problem
