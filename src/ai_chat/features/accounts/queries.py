"""What other features ask the accounts' tables."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User


def lock_user(session: Session, user_id: UUID) -> None:
    """Makes transactions that count the same user's things wait for each other until the end of this one.
    (SQLite needs no lock: its writers wait for each other anyway.)
    """
    session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
