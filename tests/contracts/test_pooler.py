"""Behind a transaction pooler, where every transaction may meet another server process, the product works as well."""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.engine import make_url

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.accounts.models import User
from ai_chat.features.chats.models import Message
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import open_database
from tests.contracts.pooler import Pooler
from tests.contracts.records import NOW, user
from tests.product import running_product
from tests.services.postgres import PostgresServer


@pytest.fixture
def direct_url(postgres_server: PostgresServer, postgres_template: str) -> str:
    return postgres_server.create_database(template=postgres_template)


@pytest.fixture
async def pooler(direct_url: str) -> AsyncIterator[Pooler]:
    """In a folder with a short name: a unix socket's path has at most 107 bytes."""
    host = make_url(direct_url).query["host"]
    if not isinstance(host, str) or not host.startswith("/"):
        pytest.skip("the pooler speaks to a server on a unix socket")
    folder = Path(tempfile.mkdtemp(prefix="aichat-pool-", dir="/tmp"))
    async with Pooler(Path(host) / ".s.PGSQL.5432", folder) as running:
        yield running
    shutil.rmtree(folder)


@pytest.fixture
def pooled_url(direct_url: str, pooler: Pooler) -> str:
    return make_url(direct_url).update_query_dict({"host": str(pooler.folder)}).render_as_string(hide_password=False)


async def test_statements_work_whichever_process_answers(pooled_url: str, pooler: Pooler, tmp_path: Path) -> None:
    database = await open_database(pooled_url, tmp_path)
    owner = user()
    await database.write(lambda session: session.add(owner))
    owner_id, found = owner.id, select(func.count()).select_from(User).where(User.updated_at > NOW - timedelta(1))

    async def rename(number: int) -> None:
        renaming = update(User).where(User.id == owner_id).values(full_name=str(number))
        await database.write(lambda session: session.execute(renaming))
        assert await database.read(lambda session: session.scalar(found))

    await asyncio.gather(*(rename(number) for number in range(40)))
    await database.close()
    assert pooler.transactions > 40


async def test_a_schema_can_be_made_through_it(postgres_server: PostgresServer, pooler: Pooler, tmp_path: Path) -> None:
    empty = make_url(postgres_server.create_database())
    pooler._startup = b""
    url = empty.update_query_dict({"host": str(pooler.folder)}).render_as_string(hide_password=False)
    database = await open_database(url, tmp_path)
    assert await migrate(database)
    await database.close()


async def test_the_whole_product_answers_through_it(pooled_url: str, tmp_path: Path, emulator: Emulator) -> None:
    async with running_product(data_dir=tmp_path / "data", emulator=emulator, database_url=pooled_url) as product:
        people = [await product.user() for _ in range(3)]
        for _ in range(3):
            chats = [await person.new_chat() for person in people]
            streams = await asyncio.gather(
                *(person.send(chat, "Привет") for person, chat in zip(people, chats, strict=True))
            )
            assert {stream.last["type"] for stream in streams} == {"done"}
        left = select(func.count()).select_from(Message).where(Message.status == "generating")
        assert await product.database.read(lambda session: session.scalar(left)) == 0
