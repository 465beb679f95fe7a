"""Taking data out: one chat as Markdown or JSON, or everything as an archive that is written while it is read."""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Sequence
from typing import IO, Any, cast
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.catalog.service import Catalog
from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.chats.queries import owned_chat
from ai_chat.features.files.attached import AttachedFile, files_in, key_of
from ai_chat.features.files.findings import MAIN
from ai_chat.features.files.ports import ObjectMissing
from ai_chat.features.files.service import Files
from ai_chat.features.personal_data.own_format import FORMAT, VERSION
from ai_chat.kernel.clock import Clock, iso
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.database import Database

_CHATS_AT_ONCE = 5

log = structlog.get_logger()


class Exporting:
    """Writes out what is a user's."""

    def __init__(self, database: Database, catalog: Catalog, files: Files, clock: Clock) -> None:
        self._database = database
        self._catalog = catalog
        self._files = files
        self._clock = clock

    async def chat_as_json(self, user: CurrentUser, chat_id: UUID | None) -> tuple[str, str]:
        """Title and text: the chat with all its branches."""
        chat, messages = await self._database.read(lambda session: _whole(session, user, chat_id))
        return chat.title, json.dumps(as_json(chat, messages), ensure_ascii=False, indent=2)

    async def chat_as_markdown(self, user: CurrentUser, chat_id: UUID | None) -> tuple[str, str]:
        """Title and text: the active branch."""
        chat, messages = await self._database.read(lambda session: _whole(session, user, chat_id))
        known = {message.id: message for message in messages}
        branch: list[Message] = []
        found = known.get(chat.leaf_id) if chat.leaf_id is not None else None
        while found is not None:
            branch.append(found)
            found = known.get(found.parent_id) if found.parent_id is not None else None
        return chat.title, self._markdown(chat, branch[::-1])

    def _markdown(self, chat: Chat, branch: Sequence[Message]) -> str:
        parts = [f"# {' '.join(chat.title.split())}", f"*{iso(chat.created_at)[:10]}*"]
        for message in branch:
            model = self._catalog.known(message.model) if message.model else None
            name = model.name if model is not None else message.model
            parts.append(f"## {'User' if message.role == 'user' else name or 'Assistant'}")
            parts += [f"📎 {file.name}" for file in files_in(message.extra)]
            parts.append(message.content)
        return "\n\n".join(part for part in parts if part) + "\n"

    async def everything(self, user: CurrentUser) -> AsyncIterator[bytes]:
        """A zip: account.json, conversations.json (which can be brought in again) and the files."""
        outlet = _Outlet()
        archive = zipfile.ZipFile(cast("IO[bytes]", outlet), "w", zipfile.ZIP_DEFLATED)
        account = await self._database.read(lambda session: _account(session, user, iso(self._clock())))
        archive.writestr("account.json", json.dumps(account, ensure_ascii=False, indent=2))
        kept: dict[str, AttachedFile] = {}
        with archive.open("conversations.json", "w", force_zip64=True) as entry:
            entry.write(b"[")
            after: UUID | None = None
            while True:
                rows = await self._database.read(lambda session, after=after: _some(session, user.id, after))  # type: ignore[misc]
                if not rows:
                    break
                for chat, messages in rows:
                    kept |= {file.id: file for message in messages for file in files_in(message.extra)}
                    text = json.dumps(as_json(chat, messages), ensure_ascii=False).encode()
                    separator = b"\n" if after is None else b",\n"
                    await asyncio.to_thread(entry.write, separator + text)
                    after = chat.id
                    if piece := outlet.take():
                        yield piece
            entry.write(b"\n]\n")
        for file in kept.values():
            async for piece in self._file(archive, file, outlet):
                yield piece
        archive.close()
        yield outlet.take()

    async def _file(self, archive: zipfile.ZipFile, file: AttachedFile, outlet: "_Outlet") -> AsyncIterator[bytes]:
        name = f"files/{file.id}/{file.name.replace('/', '_')}"
        how = zipfile.ZipInfo(name)
        how.compress_type = zipfile.ZIP_DEFLATED if file.kind == "text" else zipfile.ZIP_STORED
        try:
            with archive.open(how, "w", force_zip64=True) as entry:
                async for part in self._files.store.read(key_of(file.content, MAIN)):
                    await asyncio.to_thread(entry.write, part)
                    if piece := outlet.take():
                        yield piece
        except ObjectMissing:
            log.error("a file is missing in the store", file=file.id)


class _Outlet:
    """What the archive is written to; nobody can go back in it."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._written = 0

    def write(self, piece: bytes) -> int:
        self._pieces.append(bytes(piece))
        self._written += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._written

    def flush(self) -> None:
        """Nothing waits here."""

    def take(self) -> bytes:
        """What was written since the last time."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken


def as_json(chat: Chat, messages: Sequence[Message]) -> dict[str, Any]:
    """The chat with all its branches, as `own_format` reads it."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": str(chat.id),
        "title": chat.title,
        "model": chat.model,
        "systemPrompt": chat.system_prompt,
        "temperature": chat.temperature,
        "createdAt": iso(chat.created_at),
        "updatedAt": iso(chat.updated_at),
        "leafId": str(chat.leaf_id) if chat.leaf_id else None,
        "messages": [_message(message) for message in messages],
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "id": str(message.id),
        "parentId": str(message.parent_id) if message.parent_id else None,
        "role": message.role,
        "content": message.content,
        "reasoning": message.reasoning,
        "status": message.status,
        "model": message.model,
        "finishReason": message.finish_reason,
        "tokensUsed": message.tokens_used,
        "cost": None if message.cost_usd is None else format(message.cost_usd, "f"),
        "createdAt": iso(message.created_at),
        "attachments": [
            {"id": file.id, "name": file.name, "type": file.type, "size": file.size} for file in files_in(message.extra)
        ],
    }


def _whole(session: Session, user: CurrentUser, chat_id: UUID | None) -> tuple[Chat, Sequence[Message]]:
    chat = owned_chat(session, chat_id, user.id)
    if chat is None:
        raise AppError(ErrorCode.CHAT_NOT_FOUND)
    return chat, _messages(session, chat.id)


def _messages(session: Session, chat_id: UUID) -> Sequence[Message]:
    return session.scalars(select(Message).where(Message.chat_id == chat_id).order_by(Message.id)).all()


def _some(session: Session, user_id: UUID, after: UUID | None) -> list[tuple[Chat, Sequence[Message]]]:
    """The next few chats of the user, by id."""
    query = select(Chat).where(Chat.user_id == user_id, Chat.purge_at.is_(None)).order_by(Chat.id)
    if after is not None:
        query = query.where(Chat.id > after)
    return [(chat, _messages(session, chat.id)) for chat in session.scalars(query.limit(_CHATS_AT_ONCE)).all()]


def _account(session: Session, user: CurrentUser, now: str) -> dict[str, Any]:
    row = session.get_one(User, user.id)
    return {
        "format": FORMAT,
        "version": VERSION,
        "exportedAt": now,
        "email": row.email,
        "fullName": row.full_name,
        "subscriptionTier": user.tier,
        "createdAt": iso(row.created_at),
        "customInstructions": row.custom_instructions,
        "preferences": row.preferences,
    }
