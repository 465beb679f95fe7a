"""What other features ask the accounts' tables."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from ai_chat.features.accounts.models import User


async def lock_user(session: AsyncSession, user_id: UUID) -> None:
    """Makes transactions that count the same user's things wait for each other until the end of this one.
    (SQLite needs no lock: its writers wait for each other anyway.)
    """
    await session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
