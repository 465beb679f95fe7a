"""The product as a target: the real server, its users and chats made through its API, its limits raised by a plans file."""

import asyncio
import sqlite3
import sys
from collections.abc import Coroutine
from contextlib import closing
from itertools import cycle, islice
from typing import Any, TypeVar
from uuid import UUID, uuid4

import aiohttp

from bench.targets import Target, http_request
from tests.services import PostgresServer, ValkeyServer

USERS = 50
_MANY = 10_000_000
_PLANS = "".join(
    f"[{plan}]\nmessages_per_day = {_MANY}\nchats_per_hour = {_MANY}\ntokens_per_message = 32000\n"
    for plan in ("free", "premium")
)
_AT_ONCE = 8
_LONG = 2000
_LONG_AGO = "2026-01-01 00:00:00.000000"
Result = TypeVar("Result")


class Product(Target):
    """`python -m ai_chat serve` on SQLite."""

    name = "product"

    def __init__(self) -> None:
        super().__init__()
        self._tokens: list[str] = []

    def start(self, upstream: int) -> None:
        data = self.data = self.directory().path
        (data / "plans.toml").write_text(_PLANS)
        env = {
            "DATA_DIR": str(data),
            "OPENROUTER_BASE_URL": f"http://127.0.0.1:{upstream}",
            "OPENROUTER_API_KEY": "sk-or-bench",
            "DAILY_SPEND_LIMIT_USD": "off",  # thousands of answers at the catalogue's prices
            "LOCAL_MODEL": "off",
            "AUTH_THROTTLE": "off",
            "LOG_LEVEL": "warning",
        }
        command = [sys.executable, "-m", "ai_chat", "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        self.run(command, env | self.services())

    def services(self) -> dict[str, str]:
        """Settings of the database and of Redis."""
        return {}

    def prepare(self, model: str, count: int) -> list[str]:
        """Each answer is asked for in a chat of its own, of one of a few users."""
        return asyncio.run(self._new_chats(model, count))

    async def _new_chats(self, model: str, count: int) -> list[str]:
        async with aiohttp.ClientSession(f"http://127.0.0.1:{self.port}") as session:
            missing = min(USERS, count) - len(self._tokens)
            self._tokens += await _a_few([self._register(session) for _ in range(missing)])
            tokens = list(islice(cycle(self._tokens), count))
            chats = await _a_few([self._new_chat(session, token, model) for token in tokens])
        return [
            http_request(f"/api/chat/{chat}/message", {"content": f"Question {number}"}, token)
            for number, (chat, token) in enumerate(zip(chats, tokens, strict=True))
        ]

    async def _register(self, session: aiohttp.ClientSession) -> str:
        account = {"email": f"bench-{uuid4().hex}@example.com", "password": "correct horse battery"}
        return str((await _post(session, "/api/auth/register", account))["token"])

    async def _new_chat(self, session: aiohttp.ClientSession, token: str, model: str) -> str:
        return str((await _post(session, "/api/chat", {"title": "Bench", "model": model}, token))["id"])


class ProductWithLongChats(Product):
    """Each chat has 2,000 messages already, of which few fit the context: a send may cost what it sends, no more."""

    name = "product, chats of 2,000"

    def prepare(self, model: str, count: int) -> list[str]:
        requests = super().prepare(model, count)
        with closing(sqlite3.connect(self.data / "ai_chat.sqlite3", timeout=30)) as connection, connection:
            for request in requests:
                _fill(connection, UUID(request.split("/")[3]).hex)
        return requests


def _fill(connection: sqlite3.Connection, chat: str) -> None:
    ids = [uuid4().hex for _ in range(_LONG)]
    rows = [
        (own, chat, before, ("user", "assistant")[number % 2], "Said before.", "complete", 0, 1000, _LONG_AGO)
        for number, (own, before) in enumerate(zip(ids, [None, *ids[:-1]], strict=True))
    ]
    connection.executemany(
        "INSERT INTO messages (id, chat_id, parent_id, role, content, status, tokens_used, size_tokens, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    connection.execute("UPDATE chats SET leaf_id = ? WHERE id = ?", (ids[-1], chat))


class ProductOnPostgres(Product):
    """The same on PostgreSQL."""

    name = "product, PostgreSQL"

    def services(self) -> dict[str, str]:
        self._postgres = self._stack.enter_context(PostgresServer())
        return {"DATABASE_URL": self._postgres.create_database()}

    def side_pids(self) -> dict[str, int]:
        return {"PostgreSQL": self._postgres.pid} if self._postgres.pid else {}


class ProductOnPostgresAndRedis(ProductOnPostgres):
    """The same on PostgreSQL and Valkey."""

    name = "product, PostgreSQL + Redis"

    def services(self) -> dict[str, str]:
        self._valkey = self._stack.enter_context(ValkeyServer())
        return super().services() | {"REDIS_URL": self._valkey.url}

    def side_pids(self) -> dict[str, int]:
        return super().side_pids() | ({"Valkey": self._valkey.pid} if self._valkey.pid else {})


async def _post(
    session: aiohttp.ClientSession, path: str, content: dict[str, str], token: str | None = None
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(path, json=content, headers=headers) as response:
        answer: dict[str, Any] = await response.json()
        if not answer.get("success"):
            raise RuntimeError(f"{path} answered {response.status}: {answer}")
        data: dict[str, Any] = answer["data"]
        return data


async def _a_few(work: list[Coroutine[Any, Any, Result]]) -> list[Result]:
    """All results, a few at a time."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(waiting: Coroutine[Any, Any, Result]) -> Result:
        async with gate:
            return await waiting

    return await asyncio.gather(*(one(waiting) for waiting in work))
