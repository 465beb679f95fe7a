"""Bringing conversations in: read in a process apart, stored one by one, each once however often it comes."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import anyio.to_thread
import msgspec
import structlog
from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ai_chat.features.accounts.live import LiveEvents
from ai_chat.features.accounts.live_events import ResetEvent
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.catalog.service import Catalog
from ai_chat.features.chats.copying import CopiedChat, CopiedMessage, store_chat
from ai_chat.features.chats.models import Chat
from ai_chat.features.chats.service import DEFAULT_TITLE
from ai_chat.features.chats.titles import title_from
from ai_chat.features.files.apart import Apart, Unusable
from ai_chat.features.files.service import Files
from ai_chat.features.personal_data.models import ImportedChat
from ai_chat.features.personal_data.normal import Conversation, Problem
from ai_chat.features.personal_data.schemas import ImportProblem, ImportResult
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import parse_id
from ai_chat.storage.database import Database

MOST_PROBLEMS = 100
"""So many are told by name; the others are only counted."""
_SECONDS = 600
_LINES = "lines"
_OURS = "ai-chat:"

log = structlog.get_logger()


class Importing:
    """Brings conversations into users' accounts."""

    def __init__(self, database: Database, catalog: Catalog, files: Files, live: LiveEvents) -> None:
        self._database = database
        self._catalog = catalog
        self._files = files
        self._live = live
        self._apart = Apart(at_once=1, seconds=_SECONDS)

    async def bring_in(self, user: CurrentUser, source: Path) -> ImportResult:
        """IMPORT_UNREADABLE where `source` is no export of a kind that is known. What is broken in it is told, not fatal."""
        async with self._files.scratch() as folder:
            try:
                await self._apart.run("ai_chat.features.personal_data.look_at_export", source, folder)
            except Unusable as problem:
                ours = problem.code == ErrorCode.SERVICE_UNAVAILABLE
                raise AppError(ErrorCode.SERVICE_UNAVAILABLE if ours else ErrorCode.IMPORT_UNREADABLE) from problem
            result = ImportResult(imported=0, already_there=0, failed=0, problems=[])
            lines = _lines(folder / _LINES)
            while (line := await anyio.to_thread.run_sync(next, lines, None)) is not None:
                await self._take(user, line, result)
        if result.imported:
            self._live.publish(user.id, ResetEvent())
        log.info("imported", user=str(user.id), chats=result.imported, known=result.already_there, bad=result.failed)
        return result

    async def _take(self, user: CurrentUser, line: Conversation | Problem, result: ImportResult) -> None:
        if isinstance(line, Problem):
            result.failed += 1
            if len(result.problems) < MOST_PROBLEMS:
                result.problems.append(ImportProblem(title=line.title, reason=line.reason))
            return
        copied = self._copied(user, line)
        try:
            stored = await self._database.write(lambda session: _store(session, user.id, line.source, copied))
        except IntegrityError:  # the same import, twice at once
            stored = False
        if stored:
            result.imported += 1
        else:
            result.already_there += 1

    def _copied(self, user: CurrentUser, line: Conversation) -> CopiedChat:
        title = line.title or title_from(line.messages[0].content) or DEFAULT_TITLE
        messages = [
            CopiedMessage(one.parent, one.role, one.content, one.tokens, _moment(one.at), one.reasoning, one.model)
            for one in line.messages
        ]
        return CopiedChat(
            title,
            self._model(user, line.model),
            messages,
            line.leaf,
            _moment(line.created),
            _moment(line.updated),
            line.system_prompt,
            0.7 if line.temperature is None else line.temperature,
        )

    def _model(self, user: CurrentUser, wanted: str | None) -> str:
        """The model it was talked with, where the person may use it, else one that they may."""
        models = self._catalog.models()
        usable = [model.id for model in models if model.open_to(user.tier)]
        return wanted if wanted in usable else next(iter(usable), "unknown")


def _store(session: Session, user_id: UUID, source: str, copied: CopiedChat) -> bool:
    """False where it is there already."""
    known = select(ImportedChat.chat_id, Chat.purge_at).join(Chat, Chat.id == ImportedChat.chat_id)
    row = session.execute(known.where(ImportedChat.user_id == user_id, ImportedChat.source == source)).one_or_none()
    if row is not None and row.purge_at is None:
        return False
    own = parse_id(source.removeprefix(_OURS)) if source.startswith(_OURS) else None
    if own is not None:
        mine = select(Chat.id).where(Chat.id == own, Chat.user_id == user_id, Chat.purge_at.is_(None))
        if session.scalar(mine) is not None:
            return False
    if row is not None:
        here = ImportedChat.user_id == user_id, ImportedChat.source == source
        session.execute(delete(ImportedChat).where(*here))
    chat_id = store_chat(session, user_id, copied)
    session.add(ImportedChat(user_id=user_id, source=source, chat_id=chat_id))
    session.flush()
    return True


def _lines(path: Path) -> Iterator[Conversation | Problem]:
    decode = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
    with path.open("rb") as file:
        for line in file:
            if "source" in decode(line):
                yield msgspec.json.decode(line, type=Conversation)
            else:
                yield msgspec.json.decode(line, type=Problem)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
