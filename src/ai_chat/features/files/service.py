"""The rules of files: taking one in, showing it to its owner, letting go of one that was not sent."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from ai_chat.features.accounts.queries import lock_user
from ai_chat.features.accounts.service import CurrentUser
from ai_chat.features.files.apart import Unusable
from ai_chat.features.files.attached import AttachedFile, key_of
from ai_chat.features.files.findings import MAIN, PARTS_OF, Finding
from ai_chat.features.files.inspection import Inspection
from ai_chat.features.files.models import File, FileContent, MessageFile
from ai_chat.features.files.ports import ObjectMissing, ObjectStore, StoreUnavailable
from ai_chat.features.files.queries import attached, file_of, files_of, in_a_message, used_bytes
from ai_chat.features.files.schemas import FileAllowance, StorageInfo
from ai_chat.features.usage.plans import Plan, PlanId
from ai_chat.kernel.clock import Clock
from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.metrics import counter
from ai_chat.storage.database import Database

UNSENT_FOR = timedelta(days=7)
"""So long a draft keeps its files."""
LET_GO_AFTER = timedelta(minutes=10)
"""So long a file stays that no message has any more."""
MEGABYTE = 1024 * 1024

_TAKEN = counter("ai_chat_files_total", "Files that were taken in, or refused with this code.", "kind", "outcome")

log = structlog.get_logger()


class Files:
    """Everybody's files. `scratch` is a folder for what is being taken in."""

    def __init__(
        self,
        database: Database,
        store: ObjectStore,
        plans: Mapping[PlanId, Plan],
        scratch: Path,
        clock: Clock,
    ) -> None:
        self._database = database
        self.store = store
        self._plans = plans
        self._scratch = scratch
        self._clock = clock
        self._inspection = Inspection()

    def largest(self, user: CurrentUser) -> int:
        """Bytes that one file of this user's may have."""
        return self._plans[user.tier].megabytes_per_file * MEGABYTE

    async def allowance(self, user: CurrentUser) -> FileAllowance:
        plan = self._plans[user.tier]
        used = await self._database.read(lambda session: used_bytes(session, user.id))
        return FileAllowance(
            files_per_message=plan.files_per_message,
            bytes_per_file=self.largest(user),
            storage=StorageInfo(limit=plan.megabytes_of_files * MEGABYTE, used=used),
        )

    @asynccontextmanager
    async def scratch(self) -> AsyncIterator[Path]:
        """A folder that is gone afterwards. SERVICE_UNAVAILABLE where the disk is full or cannot be written."""
        folder = self._scratch / new_id().hex
        try:
            await asyncio.to_thread(folder.mkdir, parents=True)
            yield folder
        except OSError as problem:
            raise _away(problem) from problem
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def take_in(self, user: CurrentUser, source: Path, name: str) -> AttachedFile:
        """Makes the file at `source` one of the user's. Refuses what is too much, what is no file that can be used, and what
        there is no room for.
        """
        size = (await asyncio.to_thread(source.stat)).st_size
        await self._database.read(lambda session: self._check_room(session, user, size))  # before the work
        async with self.scratch() as folder:
            try:
                finding = await self._inspection.look(source, folder, name)
            except Unusable as problem:
                code = ErrorCode[problem.code]
                _TAKEN.add(1, "none", code.value)
                raise AppError(code, problem.message) from problem
            stored = await self._store(finding, folder)
        return await self._enter(user, stored, name)

    async def _store(self, finding: Finding, folder: Path) -> FileContent:
        size = (await asyncio.to_thread((folder / MAIN).stat)).st_size
        content = FileContent(
            id=new_id(),
            kind=finding.kind,
            type=finding.type,
            size=size,
            width=finding.width,
            height=finding.height,
            tokens=finding.tokens,
            created_at=self._clock(),
        )
        await self._database.write(lambda session: session.add(content))
        try:
            for part in PARTS_OF[finding.kind]:
                await self.store.put(key_of(content.id, part), folder / part)
        except StoreUnavailable as problem:
            raise _away(problem) from problem
        return content

    async def _enter(self, user: CurrentUser, content: FileContent, name: str) -> AttachedFile:
        now = self._clock()
        file = File(
            id=new_id(),
            user_id=user.id,
            content_id=content.id,
            name=name,
            kept_until=now + UNSENT_FOR,
            created_at=now,
        )

        def work(session: Session) -> AttachedFile:
            lock_user(session, user.id)  # of two uploads at once only so much is let in as there is room for
            self._check_room(session, user, content.size)
            session.add(file)
            session.flush()
            found = file_of(session, user.id, file.id)
            assert found is not None
            return found

        entered = await self._database.write(work)
        _TAKEN.add(1, content.kind, "ok")
        return entered

    def _check_room(self, session: Session, user: CurrentUser, size: int) -> None:
        plan = self._plans[user.tier]
        limit = plan.megabytes_of_files * MEGABYTE
        used = used_bytes(session, user.id)
        if used + size > limit:
            words = f"Your files take {used:,} of {limit:,} bytes; delete chats with files, or choose a larger plan."
            raise AppError(ErrorCode.FILE_STORAGE_FULL, words)

    async def find(self, user: CurrentUser, file_id: UUID | None) -> AttachedFile:
        """FILE_NOT_FOUND, also for somebody else's."""
        found = await self._database.read(lambda session: file_of(session, user.id, file_id))
        if found is None:
            raise AppError(ErrorCode.FILE_NOT_FOUND)
        return found

    async def content(self, file: AttachedFile, part: str = MAIN) -> AsyncIterator[bytes]:
        """The bytes of one part, its first piece read already: what cannot be had is refused before the answer begins."""
        return await first_of(self.store.read(key_of(file.content, part)))

    async def remove(self, user: CurrentUser, file_id: UUID | None) -> UUID:
        """Deletes a file that was not sent; FILE_IN_USE where it was: it goes with its chat."""

        def work(session: Session) -> UUID:
            if file_of(session, user.id, file_id) is None or file_id is None:
                raise AppError(ErrorCode.FILE_NOT_FOUND)
            if in_a_message(session, file_id):
                raise AppError(ErrorCode.FILE_IN_USE)
            session.execute(delete(File).where(File.id == file_id))
            return file_id

        return await self._database.write(work)

    def copy(self, session: Session, user: CurrentUser, files: Sequence[AttachedFile]) -> dict[str, AttachedFile]:
        """The same files as this user's, by the ids they had: nothing is stored twice. FILE_STORAGE_FULL."""
        if not files:
            return {}
        lock_user(session, user.id)
        self._check_room(session, user, sum(file.size for file in files))
        now, copies = self._clock(), {}
        for file in files:
            copied = replace(file, id=str(new_id()))
            copies[file.id] = copied
            session.add(
                File(
                    id=UUID(copied.id),
                    user_id=user.id,
                    content_id=UUID(file.content),
                    name=file.name,
                    kept_until=now + LET_GO_AFTER,
                    created_at=now,
                )
            )
        session.flush()
        return copies

    def attach(self, session: Session, user_id: UUID, plan: Plan, ids: Sequence[UUID]) -> tuple[AttachedFile, ...]:
        """The user's files of these ids, in this order, held for the message that is being stored."""
        wanted = list(dict.fromkeys(ids))
        if len(wanted) > plan.files_per_message:
            words = f"A message may have {plan.files_per_message} files in your plan."
            raise AppError(ErrorCode.TOO_MANY_FILES, words)
        rows = session.execute(files_of(user_id, wanted).with_for_update(of=File)).all()
        found = {row[0].id: attached(row) for row in rows}
        if len(found) != len(wanted):
            raise AppError(ErrorCode.FILE_NOT_FOUND)
        let_go = self._clock() + LET_GO_AFTER  # from now on it is the message that keeps them
        session.execute(update(File).where(File.id.in_(wanted)).values(kept_until=let_go))
        return tuple(found[one] for one in wanted)


def link(session: Session, message_id: UUID, files: Sequence[AttachedFile]) -> None:
    """The message has these files from now on."""
    rows = [{"message_id": message_id, "file_id": UUID(file.id)} for file in files]
    session.execute(insert(MessageFile), rows)


async def first_of(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces; FILE_NOT_FOUND or SERVICE_UNAVAILABLE at once where there are none to be had."""
    try:
        first = await anext(pieces, b"")
    except ObjectMissing as problem:
        log.error("a file is missing in the store", key=str(problem))
        raise AppError(ErrorCode.FILE_NOT_FOUND) from problem
    except StoreUnavailable as problem:
        raise _away(problem) from problem

    async def all_of() -> AsyncIterator[bytes]:
        yield first
        async for piece in pieces:
            yield piece

    return all_of()


def _away(problem: StoreUnavailable | OSError) -> AppError:
    log.error("the file store does not work", reason=str(problem))
    return AppError(ErrorCode.SERVICE_UNAVAILABLE, "Files cannot be reached right now.", retry_after=10)
