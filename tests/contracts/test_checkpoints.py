"""Checkpoints put what has come behind what is stored: any signs, any number of answers, and twice like once."""

from typing import Any
from uuid import UUID

import pytest

from ai_chat.features.chats.generation_store import DatabaseGenerationStore
from ai_chat.features.chats.models import Generation, Message
from ai_chat.kernel.clock import system_clock
from ai_chat.kernel.ids import new_id
from ai_chat.relay.generation import Grown, Snapshot
from ai_chat.storage.database import Database
from tests.contracts.database_rows import stored
from tests.contracts.records import chat, generation, message, user

NOTHING = Grown(0, "")
PIECES = ["", "Привет", " 🦔👨‍👩‍👧", "e\u0301 ", "\n\n", "'\"\\", "\u2028 конец", "x" * 5000, "🇷🇺"]


@pytest.fixture
def store(database: Database) -> DatabaseGenerationStore:
    no_ledger: Any = None  # checkpoints have nothing to do with it
    return DatabaseGenerationStore(database, no_ledger, system_clock)


async def running(database: Database, count: int = 1, **fields: object) -> list[Generation]:
    owner = user()
    owned = chat(owner.id)
    answers = [
        message(owned.id, **{"role": "assistant", "content": "", "status": "generating"} | fields) for _ in range(count)
    ]
    rows = [generation(answer, owner.id, status="running") for answer in answers]
    await stored(database, owner, owned, *answers, *rows)
    return rows


async def texts_of(database: Database, rows: list[Generation]) -> list[tuple[str, str | None]]:
    def work(session: Any) -> list[tuple[str, str | None]]:
        found = [session.get_one(Message, row.message_id) for row in rows]
        return [(said.content, said.reasoning) for said in found]

    return await database.read(work)


def shot(row: Generation, text: Grown = NOTHING, reasoning: Grown = NOTHING) -> Snapshot:
    return Snapshot(row.id, row.message_id, text, reasoning)


@pytest.mark.parametrize("twice", [False, True])
async def test_a_text_grows_by_what_has_come(store: DatabaseGenerationStore, database: Database, twice: bool) -> None:
    (row,) = await running(database)
    whole = ""
    for piece in PIECES:
        for _ in range(2 if twice else 1):
            await store.checkpoint([row.id], [shot(row, Grown(len(whole), piece), Grown(len(whole), piece))])
        whole += piece
        assert await texts_of(database, [row]) == [(whole, whole or None)]


async def test_what_was_not_known_to_be_saved_comes_again_with_what_came_after(
    store: DatabaseGenerationStore, database: Database
) -> None:
    (row,) = await running(database)
    await store.checkpoint([row.id], [shot(row, Grown(0, "Один"))])
    await store.checkpoint([row.id], [shot(row, Grown(4, ", два"))])
    await store.checkpoint([row.id], [shot(row, Grown(4, ", два, три"))])
    assert await texts_of(database, [row]) == [("Один, два, три", None)]


async def test_hundreds_of_answers_each_keep_their_own_text(store: DatabaseGenerationStore, database: Database) -> None:
    rows = await running(database, 300)
    ids = [row.id for row in rows]
    for start, word in ((0, "one"), (3, "two")):
        await store.checkpoint(ids, [shot(row, Grown(start, f"{word}{row.id}")) for row in rows])
    assert await texts_of(database, rows) == [(f"onetwo{row.id}", None) for row in rows]


async def test_an_answer_that_has_ended_stays_as_it_ended(store: DatabaseGenerationStore, database: Database) -> None:
    (row,) = await running(database, status="complete", content="Ended.")
    assert await store.checkpoint([row.id], [shot(row, Grown(0, "Late"), Grown(0, "Late"))]) == ()
    assert await texts_of(database, [row]) == [("Ended.", None)]


async def test_those_that_were_ended_elsewhere_are_told(store: DatabaseGenerationStore, database: Database) -> None:
    (row,) = await running(database)
    gone: UUID = new_id()
    assert set(await store.checkpoint([row.id, gone], [shot(row, Grown(0, "a"))])) == {gone}


async def test_of_what_is_not_kept_only_its_length_is(store: DatabaseGenerationStore, database: Database) -> None:
    (row,) = await running(database)
    await store.checkpoint([row.id], [Snapshot(row.id, None, Grown(7, "abc"), Grown(0, "de"))])
    known = await database.read(lambda session: session.get_one(Generation, row.id).shown_characters)
    assert known == 12
