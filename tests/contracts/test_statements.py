"""Statements that go to the driver as they are: the same types, errors and order as through SQLAlchemy, on both databases."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import Table, bindparam, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from ai_chat.features.accounts.models import User
from ai_chat.features.chats.models import Chat, Message
from ai_chat.kernel.ids import new_id
from ai_chat.storage.database import Database, on_commit, on_rollback
from ai_chat.storage.statements import Statement
from tests.contracts.database_rows import count, stored
from tests.contracts.records import NOW, chat, message, user

_users, _chats = cast("Table", User.__table__), cast("Table", Chat.__table__)
_messages = cast("Table", Message.__table__)

RENAME = Statement(
    update(_users)
    .where(_users.c.id == bindparam("user"))
    .values(full_name=bindparam("name"))
    .returning(_users.c.id, _users.c.full_name)
)
NAME = Statement(update(_users).where(_users.c.id == bindparam("user")).values(full_name=bindparam("name")))
RETITLE = Statement(update(_chats).where(_chats.c.user_id == bindparam("user")).values(title=bindparam("name")))
SAY = Statement(
    insert(_messages).values(
        id=bindparam("id"),
        chat_id=bindparam("chat"),
        role="user",
        content=bindparam("text"),
        status="complete",
        tokens_used=0,
        size_tokens=bindparam("size"),
        cost_usd=bindparam("cost"),
        metadata=bindparam("extra"),
        created_at=bindparam("now"),
    )
)
SAID = Statement(select(_messages).where(_messages.c.chat_id == bindparam("chat")).order_by(_messages.c.id))
AMONG = Statement(
    lambda spelling: select(_users.c.id).where(spelling.among(_users.c.id, "users")).order_by(_users.c.id)
)
OPEN = Statement(
    lambda spelling: (
        spelling.insert(_users)
        .values(
            id=bindparam("id"),
            email=bindparam("address"),
            password_hash="x",
            subscription_tier="free",
            role="user",
            created_at=bindparam("now"),
            updated_at=bindparam("now"),
        )
        .on_conflict_do_nothing()
    )
)


def saying(chat_id: UUID, text: str) -> dict[str, object]:
    extra = {"emoji": "🦊"}
    values = {"id": new_id(), "chat": chat_id, "text": text, "size": 3, "cost": Decimal("0.10"), "extra": extra}
    return values | {"now": NOW}


async def test_values_come_back_in_the_types_they_had(database: Database) -> None:
    owner, here = user(), datetime(2026, 7, 1, 15, 30, tzinfo=UTC).astimezone()
    owned = chat(owner.id)
    await stored(database, owner, owned)
    written = saying(owned.id, "Привет, 🦊") | {"now": here}
    await database.write(lambda session: SAY.run(session, written))
    (row,) = await database.read(lambda session: SAID.rows(session, {"chat": owned.id}))
    assert (row.id, row.content, row.parent_id) == (written["id"], "Привет, 🦊", None)
    assert (row.created_at, row.created_at.utcoffset()) == (here, timedelta())
    assert str(row.cost_usd) == "0.10"
    assert row.metadata == {"emoji": "🦊"}
    same = await database.read(lambda session: session.get(Message, row.id))
    assert same is not None
    assert (same.content, same.cost_usd, same.created_at) == (row.content, row.cost_usd, row.created_at)


async def test_it_says_how_many_rows_it_has_changed_and_which(database: Database) -> None:
    owner = user()
    await stored(database, owner, user())

    def work(session: Session) -> tuple[int, int, object, object]:
        asked = {"user": owner.id, "name": "Anna"}
        nobody = {"user": new_id(), "name": "Anna"}
        return (
            NAME.run(session, asked),
            NAME.run(session, nobody),
            RENAME.row(session, asked),
            RENAME.row(session, nobody),
        )

    assert await database.write(work) == (1, 0, (owner.id, "Anna"), None)


@pytest.mark.parametrize("size", [0, 1, 1500])
async def test_any_number_of_ids_is_one_statement(size: int, database: Database) -> None:
    owners = [user() for _ in range(3)]
    await stored(database, *owners)
    asked = [owner.id for owner in owners[:2]] + [new_id() for _ in range(size)]
    found = await database.read(lambda session: AMONG.rows(session, {"users": asked}))
    assert [row.id for row in found] == sorted(owner.id for owner in owners[:2])


async def test_a_row_that_is_there_already_is_left_as_it_is(database: Database) -> None:
    owner = user(full_name="Anna")
    await stored(database, owner)
    again = {"id": owner.id, "address": "other@example.com", "now": NOW}
    new = {"id": new_id(), "address": "new@example.com", "now": NOW}
    assert await database.write(lambda session: (OPEN.run(session, again), OPEN.run(session, new))) == (0, 1)
    assert await count(database, User) == 2


async def test_what_may_wait_is_done_at_the_end_and_together(database: Database) -> None:
    owner = user()
    owned = chat(owner.id)
    await stored(database, owner, owned)

    def work(session: Session) -> int:
        SAY.later(session, saying(owned.id, "$1 is no parameter"))
        SAY.later(session, saying(owned.id, "two"))
        NAME.later(session, {"user": owner.id, "name": "Anna"})
        RETITLE.later(session, {"user": owner.id, "name": "Named"})
        return len(SAID.rows(session, {"chat": owned.id}))

    assert await database.write(work) == 0
    said = await database.read(lambda session: SAID.rows(session, {"chat": owned.id}))
    assert [row.content for row in said] == ["$1 is no parameter", "two"]
    named = await database.read(lambda session: session.get(User, owner.id))
    titled = await database.read(lambda session: session.get(Chat, owned.id))
    assert named is not None
    assert titled is not None
    assert (named.full_name, titled.title) == ("Anna", "Named")


@pytest.mark.parametrize("waits", [False, True])
async def test_what_the_database_refuses_is_told_as_usual_and_nothing_stays(database: Database, *, waits: bool) -> None:
    owner = user()
    await stored(database, owner)

    def work(session: Session) -> None:
        NAME.run(session, {"user": owner.id, "name": "Anna"})
        say = SAY.later if waits else SAY.run
        say(session, saying(new_id(), "into no chat"))
        NAME.later(session, {"user": owner.id, "name": "Anna"})

    with pytest.raises(IntegrityError):
        await database.write(work)
    left = await database.read(lambda session: session.get(User, owner.id))
    assert left is not None
    assert left.full_name is None


async def test_those_who_want_to_know_the_end_are_told_once(database: Database) -> None:
    told: list[str] = []

    def work(session: Session, end: str) -> None:
        on_commit(session, lambda: told.append(f"{end} stored"))
        on_rollback(session, lambda: told.append(f"{end} undone"))
        session.add(user())
        if end == "badly":
            raise ValueError(end)
        assert not told

    with pytest.raises(ValueError, match="badly"):
        await database.write(lambda session: work(session, "badly"))
    assert told == ["badly undone"]
    told.clear()
    await database.write(lambda session: work(session, "well"))
    assert told == ["well stored"]


async def test_statements_and_objects_share_one_transaction(database: Database) -> None:
    owner = user()
    owned = chat(owner.id)
    await stored(database, owner, owned)

    def work(session: Session) -> list[str]:
        session.add(message(owned.id, content="by an object"))
        session.flush()
        SAY.run(session, saying(owned.id, "by a statement"))
        return [row.content for row in SAID.rows(session, {"chat": owned.id})]

    assert await database.write(work) == ["by an object", "by a statement"]


async def test_a_default_that_nobody_would_fill_in_is_refused(database: Database) -> None:
    forgetful = Statement(insert(_messages).values(id=bindparam("id"), chat_id=bindparam("chat")))
    with pytest.raises(TypeError, match="default"):
        await database.write(lambda session: forgetful.run(session, {"id": new_id(), "chat": new_id()}))


async def test_a_value_that_was_forgotten_is_refused(database: Database) -> None:
    with pytest.raises(KeyError, match="name"):
        await database.write(lambda session: NAME.run(session, {"user": new_id()}))
