"""Folders: a person's drawers for chats, in the order in which they have put them."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import FolderDeletedEvent, FolderUpdatedEvent
from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.chats.folder_schemas import CreateFolderRequest, FolderInfo, UpdateFolderRequest
from ai_chat.features.chats.models import Chat, Folder
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database

MOST_FOLDERS = 200


class Folders:
    """A user's folders. Positions are counted anew with every change of the order, while the user's row is locked."""

    def __init__(self, database: Database, live: LiveEvents, clock: Clock) -> None:
        self._database = database
        self._live = live
        self._clock = clock

    async def list(self, user: CurrentUser) -> list[FolderInfo]:
        return await self._database.read(
            lambda session: [FolderInfo.model_validate(folder) for folder in _folders(session, user.id)]
        )

    async def create(self, user: CurrentUser, wanted: CreateFolderRequest) -> FolderInfo:
        """A new folder after all others; TOO_MANY_FOLDERS."""
        folder = Folder(id=new_id(), user_id=user.id, name=wanted.name, created_at=self._clock())

        def work(session: Session) -> FolderInfo:
            lock_user(session, user.id)
            others = _folders(session, user.id)
            if len(others) >= MOST_FOLDERS:
                raise AppError(ErrorCode.TOO_MANY_FOLDERS, f"You have {MOST_FOLDERS} folders. Delete one first.")
            folder.position = len(others)
            session.add(folder)
            _count_anew([*others, folder])
            return FolderInfo.model_validate(folder)

        return self._told(user, await self._database.write(work))

    async def change(self, user: CurrentUser, folder_id: UUID | None, wanted: UpdateFolderRequest) -> FolderInfo:
        """Renames, or moves to another place among the others (past the last is the last)."""

        def work(session: Session) -> FolderInfo:
            lock_user(session, user.id)
            folders = _folders(session, user.id)
            folder = next((found for found in folders if found.id == folder_id), None)
            if folder is None:
                raise AppError(ErrorCode.FOLDER_NOT_FOUND)
            if wanted.name is not None:
                folder.name = wanted.name
            if wanted.position is not None:
                folders.remove(folder)
                folders.insert(wanted.position, folder)
            _count_anew(folders)
            return FolderInfo.model_validate(folder)

        return self._told(user, await self._database.write(work))

    async def delete(self, user: CurrentUser, folder_id: UUID | None) -> UUID:
        """Deletes the folder and keeps its chats."""

        def work(session: Session) -> UUID:
            lock_user(session, user.id)
            owned = select(Folder.id).where(Folder.id == folder_id, Folder.user_id == user.id)
            found = session.scalar(owned)
            if found is None:
                raise AppError(ErrorCode.FOLDER_NOT_FOUND)
            # Chats are locked before their folder, as they are when one is put into it.
            session.execute(update(Chat).where(Chat.folder_id == found).values(folder_id=None))
            session.execute(delete(Folder).where(Folder.id == found))
            _count_anew(_folders(session, user.id))
            return found

        deleted = await self._database.write(work)
        self._live.publish(user.id, FolderDeletedEvent(str(deleted)))
        return deleted

    def _told(self, user: CurrentUser, info: FolderInfo) -> FolderInfo:
        self._live.publish(user.id, FolderUpdatedEvent(str(info.id), info.name))
        return info


def own_folder(session: Session, folder_id: UUID | None, user_id: UUID) -> UUID:
    """The user's folder, which cannot be deleted before this transaction ends; FOLDER_NOT_FOUND for any other."""
    wanted = select(Folder.id).where(Folder.id == folder_id, Folder.user_id == user_id)
    found = session.scalar(wanted.with_for_update(read=True, key_share=True))
    if found is None:
        raise AppError(ErrorCode.FOLDER_NOT_FOUND)
    return found


def _folders(session: Session, user_id: UUID) -> "list[Folder]":
    ordered = select(Folder).where(Folder.user_id == user_id).order_by(Folder.position, Folder.id)
    return list(session.scalars(ordered))


def _count_anew(folders: "list[Folder]") -> None:
    for position, folder in enumerate(folders):
        folder.position = position
