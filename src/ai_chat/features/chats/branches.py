"""Listing the branches of a conversation, and moving between them."""

from collections import deque
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import ChatUpdatedEvent
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.chats.queries import owned_chat
from ai_chat.features.chats.schemas import BranchInfo
from ai_chat.features.chats.tree import Branch, Tree
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.database import Database

MOST_BRANCHES = 200
_PREVIEW = 120


class Branches:
    """The branches of a user's chats."""

    def __init__(self, database: Database, live: LiveEvents) -> None:
        self._database = database
        self._live = live

    async def list(self, user: CurrentUser, chat_id: UUID | None) -> list[BranchInfo]:
        """The newest first."""

        def work(session: Session) -> list[BranchInfo]:
            chat = _owned(session, chat_id, user)
            tree = _tree_of(session, chat)
            branches = [tree.branch(leaf) for leaf in tree.leaves()[:MOST_BRANCHES]]
            return _described(session, chat, branches)

        return await self._database.read(work)

    async def choose(self, user: CurrentUser, chat_id: UUID | None, message_id: UUID | None) -> None:
        """Makes the branch through this message the active one. An answer that is being written goes on where it is."""

        def work(session: Session) -> tuple[UUID, str]:
            chat = _owned(session, chat_id, user, lock=True)
            tree = _tree_of(session, chat)
            if message_id is None or message_id not in tree:
                raise AppError(ErrorCode.MESSAGE_NOT_FOUND)
            chat.leaf_id = tree.newest_leaf(message_id)
            return chat.id, chat.title

        chosen_in, title = await self._database.write(work)
        self._live.publish(user.id, ChatUpdatedEvent(str(chosen_in), title))


def towards_the_end(session: Session, chat: Chat, message_id: UUID, most: int) -> tuple[UUID, int]:
    """The message of the active branch that comes `most` after this one, or its newest where there are fewer; and how many
    these are. MESSAGE_NOT_FOUND where this one is on another branch.
    """
    tree = _tree_of(session, chat)
    passed: deque[UUID] = deque(maxlen=most + 1)
    for found in tree.upwards(chat.leaf_id) if chat.leaf_id is not None else ():
        passed.append(found)
        if found == message_id:
            return passed[0], len(passed) - 1
    raise AppError(ErrorCode.MESSAGE_NOT_FOUND)


def _owned(session: Session, chat_id: UUID | None, user: CurrentUser, *, lock: bool = False) -> Chat:
    chat = owned_chat(session, chat_id, user.id, lock=lock)
    if chat is None:
        raise AppError(ErrorCode.CHAT_NOT_FOUND)
    return chat


def _tree_of(session: Session, chat: Chat) -> Tree:
    rows = session.execute(select(Message.id, Message.parent_id).where(Message.chat_id == chat.id))
    return Tree((row.id, row.parent_id) for row in rows)


def _described(session: Session, chat: Chat, branches: list[Branch]) -> list[BranchInfo]:
    wanted = {branch.leaf for branch in branches} | {branch.first_own for branch in branches}
    rows = session.execute(
        select(
            Message.id, Message.model, Message.created_at, func.substr(Message.content, 1, _PREVIEW).label("beginning")
        ).where(Message.chat_id == chat.id, Message.id.in_(wanted))
    )
    known = {row.id: row for row in rows}
    return [
        BranchInfo(
            leaf_id=branch.leaf,
            fork_id=branch.fork,
            preview=" ".join(known[branch.first_own].beginning.split()),
            model=known[branch.leaf].model,
            created_at=known[branch.first_own].created_at,
            updated_at=known[branch.leaf].created_at,
            active=branch.leaf == chat.leaf_id,
        )
        for branch in branches
    ]
