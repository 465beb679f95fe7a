"""Personal API keys: made, listed, revoked, and believed. A key opens `/v1`; nothing under `/api` takes one."""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal, cast, get_args
from uuid import UUID

import structlog
from sqlalchemy import Table, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import ApiKey, User
from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.accounts.service import effective_tier
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database

Scope = Literal["models", "chat"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
MOST_KEYS = 20
"""Living keys of one user."""
_BEGINNING = "sk-aichat-"
"""Recognisable, so that whoever finds a key in a file knows whose it is."""
_WELL_FORMED = re.compile(f"{_BEGINNING}[0-9a-f]{{64}}")
_SHOWN = len(_BEGINNING) + 6
_USE_NOTED_EVERY = timedelta(minutes=1)

_users, _keys = cast("Table", User.__table__), cast("Table", ApiKey.__table__)
_WHOSE = (
    select(
        _keys.c.id,
        _keys.c.user_id,
        _keys.c.scopes,
        _keys.c.models,
        _keys.c.daily_messages,
        _keys.c.monthly_spend_usd,
        _keys.c.last_used_at,
        _users.c.subscription_tier,
        _users.c.subscription_expires_at,
    )
    .join(_users, _users.c.id == _keys.c.user_id)
    .where(
        _keys.c.key_hash == bindparam("hashed"),
        _keys.c.revoked_at.is_(None),
        or_(_keys.c.expires_at.is_(None), _keys.c.expires_at > bindparam("now")),
        _users.c.blocked_at.is_(None),
    )
)
_NOTE_USE = (
    update(_keys)
    .where(
        _keys.c.id == bindparam("key"),
        or_(_keys.c.last_used_at.is_(None), _keys.c.last_used_at < bindparam("lately")),
    )
    .values(last_used_at=bindparam("now"))
)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class KeyWish:
    """What a new key is to be."""

    name: str
    scopes: Sequence[Scope]
    models: Sequence[str] | None
    daily_messages: int | None
    monthly_spend_usd: Decimal | None
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """On whose behalf a program asks, and what its key allows, as the database knows it at this moment."""

    user_id: UUID
    tier: Literal["free", "premium"]
    key_id: UUID
    scopes: frozenset[str]
    models: frozenset[str] | None
    daily_messages: int | None
    monthly_spend_usd: Decimal | None

    def require(self, scope: Scope) -> None:
        if scope not in self.scopes:
            raise AppError(ErrorCode.NOT_ALLOWED_TO_KEY, f"This API key has no scope {scope!r}.")

    def may_use(self, model_id: str) -> bool:
        return self.models is None or model_id in self.models


class ApiKeys:
    """A user's API keys."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def create(self, user_id: UUID, wish: KeyWish) -> tuple[ApiKey, str]:
        """A new key and its secret, which nobody can learn again; TOO_MANY_API_KEYS."""
        secret, now = _BEGINNING + secrets.token_hex(32), self._clock()
        key = ApiKey(
            id=new_id(),
            user_id=user_id,
            name=wish.name,
            key_hash=_hash(secret),
            prefix=secret[:_SHOWN],
            scopes=list(wish.scopes),
            models=None if wish.models is None else list(wish.models),
            daily_messages=wish.daily_messages,
            monthly_spend_usd=wish.monthly_spend_usd,
            created_at=now,
            expires_at=wish.expires_at,
        )

        def work(session: Session) -> None:
            lock_user(session, user_id)
            living = select(func.count()).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
            if session.scalars(living).one() >= MOST_KEYS:
                raise AppError(ErrorCode.TOO_MANY_API_KEYS, f"You have {MOST_KEYS} API keys. Delete one first.")
            session.add(key)

        await self._database.write(work)
        log.info("API key created", user=str(user_id), key=str(key.id))
        return key, secret

    async def list(self, user_id: UUID) -> Sequence[ApiKey]:
        """Those that have not been revoked, the newest first; expired ones too, so that their owner sees why they fail."""
        living = select(ApiKey).where(ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None)).order_by(ApiKey.id.desc())
        return await self._database.read(lambda session: session.scalars(living).all())

    async def revoke(self, user_id: UUID, key_id: UUID | None) -> UUID:
        """The key opens nothing any more; API_KEY_NOT_FOUND, also for somebody else's."""
        end = (
            update(ApiKey)
            .where(ApiKey.id == key_id, ApiKey.user_id == user_id, ApiKey.revoked_at.is_(None))
            .values(revoked_at=self._clock())
            .returning(ApiKey.id)
        )
        revoked = await self._database.write(lambda session: session.scalars(end).one_or_none()) if key_id else None
        if revoked is None:
            raise AppError(ErrorCode.API_KEY_NOT_FOUND)
        log.info("API key revoked", user=str(user_id), key=str(revoked))
        return revoked

    async def authenticate(self, secret: str) -> KeyHolder:
        """Who bears this key; INVALID_API_KEY for any that opens nothing: unknown, expired, revoked, of a blocked user."""
        if _WELL_FORMED.fullmatch(secret) is None:
            raise AppError(ErrorCode.INVALID_API_KEY)
        now, hashed = self._clock(), _hash(secret)
        asked = {"hashed": hashed, "now": now}
        row = await self._database.read(
            lambda session: session.connection().execute(_WHOSE, asked).one_or_none(), brief=True
        )
        if row is None:
            raise AppError(ErrorCode.INVALID_API_KEY)
        lately = now - _USE_NOTED_EVERY
        if row.last_used_at is None or row.last_used_at < lately:
            noted = {"key": row.id, "lately": lately, "now": now}
            await self._database.write(lambda session: session.connection().execute(_NOTE_USE, noted))
        return KeyHolder(
            user_id=row.user_id,
            tier=effective_tier(row.subscription_tier, row.subscription_expires_at, now),
            key_id=row.id,
            scopes=frozenset(row.scopes),
            models=None if row.models is None else frozenset(row.models),
            daily_messages=row.daily_messages,
            monthly_spend_usd=row.monthly_spend_usd,
        )


def _hash(secret: str) -> str:
    """What the database keeps. The secret is 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
