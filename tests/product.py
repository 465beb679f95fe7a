"""The product under test: started as in production, in this process, and spoken to over HTTP."""

import asyncio
import atexit
import json
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast
from uuid import uuid4
from zoneinfo import ZoneInfo

import aiohttp
import uvicorn
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy import update
from sqlalchemy.orm import Session

from ai_chat.app import running_app
from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.accounts.models import User
from ai_chat.features.accounts.passwords import _HASHER
from ai_chat.features.accounts.service import Accounts, Client
from ai_chat.http.uvicorn_protocol import DirectProtocol
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.logging import configure_logging
from ai_chat.relay.relay import Relay
from ai_chat.settings import Settings
from ai_chat.storage.database import Database
from ai_chat.storage.migrate import migrate
from ai_chat.storage.opening import DATABASE_FILE, open_database
from tests.services.postgres import PostgresServer

PASSWORD = "correct horse battery"
MODEL = "openai/gpt-4o-mini"
PREMIUM_MODEL = "openai/gpt-4o"


QUOTA_ZONE = ZoneInfo("Europe/Moscow")
LATE = time(23, 30)
"""A test that counts the messages of a day must not begin so late that the day may end in its middle."""


class TravelClock:
    """The product's clock in tests: real time plus what the test has travelled."""

    def __init__(self) -> None:
        self.shift = timedelta(hours=1) if datetime.now(QUOTA_ZONE).time() > LATE else timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def travel(self, **how_far: float) -> None:
        self.shift += timedelta(**how_far)

    def travel_to(self, moment: datetime) -> None:
        self.shift = moment - datetime.now(UTC)


@dataclass
class Answer:
    """What an HTTP call returned."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def body(self) -> Any:
        return json.loads(self.text)

    @property
    def data(self) -> Any:
        assert self.status == 200, f"{self.status}: {self.text[:500]}"
        assert self.body["success"] is True
        return self.body["data"]

    @property
    def error(self) -> Any:
        """The error object; asserts that the answer is a failure in our envelope."""
        assert self.body["success"] is False, self.text[:500]
        assert set(self.body["error"]) >= {"code", "message"}
        return self.body["error"]

    @property
    def code(self) -> str:
        return str(self.error["code"])


@dataclass
class Frame:
    """One frame of an event stream."""

    seq: int
    event: dict[str, Any]


@dataclass
class Stream:
    """All frames that one reader has read."""

    frames: list[Frame] = field(default_factory=list)
    comments: int = 0

    @property
    def events(self) -> list[dict[str, Any]]:
        return [frame.event for frame in self.frames]

    @property
    def text(self) -> str:
        return "".join(event["delta"] for event in self.events if event["type"] == "delta")

    @property
    def start(self) -> dict[str, Any]:
        return self.events[0]

    @property
    def last(self) -> dict[str, Any]:
        return self.events[-1]

    def check_order(self, after: int = 0) -> None:
        """No gap and no repeat."""
        assert [frame.seq for frame in self.frames] == list(range(after + 1, after + 1 + len(self.frames)))


class Api:
    """A client of the product, signed in or not."""

    def __init__(self, session: aiohttp.ClientSession, url: str, token: str | None = None, user: Any = None) -> None:
        self.session = session
        self.url = url
        self.token = token
        self.user = user

    def headers(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        headers = dict(extra or {})
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        return headers

    async def call(
        self,
        method: str,
        path: str,
        json: Any = None,
        *,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        content: dict[str, Any] = {"json": json} if json is not None else {}
        all_headers = self.headers(headers)
        if data is not None:
            content = {"data": data}
            all_headers.setdefault("Content-Type", "application/json")
        async with self.session.request(method, self.url + path, headers=all_headers, **content) as response:
            return Answer(response.status, response.headers, await response.text())

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.call("GET", path, **options)

    async def post(self, path: str, json: Any = None, **options: Any) -> Answer:
        return await self.call("POST", path, json, **options)

    async def patch(self, path: str, json: Any = None, **options: Any) -> Answer:
        return await self.call("PATCH", path, json, **options)

    async def put(self, path: str, json: Any = None, **options: Any) -> Answer:
        return await self.call("PUT", path, json, **options)

    async def delete(self, path: str, **options: Any) -> Answer:
        return await self.call("DELETE", path, **options)

    async def new_chat(self, model: str = MODEL, title: str | None = "Test") -> str:
        return str((await self.post("/api/chat", {"title": title, "model": model})).data["id"])

    @asynccontextmanager
    async def open_message(self, chat_id: str, content: str, **fields: Any) -> AsyncIterator[aiohttp.ClientResponse]:
        """The raw streaming answer of a sent message."""
        async with self.session.post(
            f"{self.url}/api/chat/{chat_id}/message", json={"content": content, **fields}, headers=self.headers()
        ) as response:
            yield response

    async def send(self, chat_id: str, content: str, **fields: Any) -> Stream:
        """Sends a message and reads its answer to the end."""
        async with self.open_message(chat_id, content, **fields) as response:
            assert response.status == 200, await response.text()
            assert response.headers["Content-Type"].startswith("text/event-stream")
            return await read_stream(response)

    async def turn(self, path: str, body: Any = None) -> Stream:
        """Another request that is answered with a stream, read to its end: regenerate, edit, continue."""
        async with self.session.post(f"{self.url}/api/chat/{path}", json=body, headers=self.headers()) as response:
            assert response.status == 200, await response.text()
            return await read_stream(response)

    async def follow(self, chat_id: str, query: str = "", headers: Mapping[str, str] | None = None) -> Stream | None:
        """Reads /stream to its end; None for 204."""
        async with self.session.get(
            f"{self.url}/api/chat/{chat_id}/stream{query}", headers=self.headers(headers)
        ) as response:
            if response.status == 204:
                return None
            assert response.status == 200, await response.text()
            return await read_stream(response)

    async def messages(self, chat_id: str) -> list[dict[str, Any]]:
        return list((await self.get(f"/api/chat/{chat_id}")).data["messages"])


async def read_stream(response: aiohttp.ClientResponse, *, frames: int | None = None) -> Stream:
    """Reads frames until the end, or as many as are asked for."""
    stream, seq = Stream(), 0
    async for raw in response.content:
        line = raw.decode().rstrip("\n")
        if line.startswith("id: "):
            seq = int(line[4:])
        elif line.startswith("data: "):
            stream.frames.append(Frame(seq, json.loads(line[6:])))
            if frames is not None and len(stream.frames) == frames:
                break
        elif line.startswith(":"):
            stream.comments += 1
    return stream


class Product:
    """A running product and the ways into it."""

    def __init__(
        self,
        app: FastAPI,
        url: str,
        session: aiohttp.ClientSession,
        emulator: Emulator,
        clock: TravelClock,
        data_dir: Path,
        database_url: str | None,
    ) -> None:
        self.app = app
        self.url = url
        self.emulator = emulator
        self.clock = clock
        self.session = session
        self.anonymous = Api(session, url)
        self.data_dir = data_dir
        self.database_url = database_url

    @property
    def database(self) -> Database:
        return cast(Database, self.app.state.parts[Database])

    @property
    def relay(self) -> Relay:
        return cast(Relay, self.app.state.parts[Relay])

    async def user(self, tier: str = "free", email: str | None = None) -> Api:
        """The client of somebody who has registered, put there without the registration: hashing their password would be
        most of the work of most tests.
        """
        accounts, now = cast(Accounts, self.app.state.parts[Accounts]), self.clock()
        user = User(
            id=new_id(),
            email=(email or f"user-{uuid4().hex}@example.com").lower(),  # as registration keeps it
            password_hash=_hash_of_password(),
            subscription_tier="free",
            created_at=now,
            updated_at=now,
        )

        def work(session: Session) -> str:
            session.add(user)
            session.flush()
            return accounts._open_session(session, user, Client("127.0.0.1", None, is_browser=False)).access_token

        api = Api(self.session, self.url, await self.database.write(work))
        api.user = (await api.get("/api/auth/me")).data
        if tier == "premium":
            promotion = update(User).where(User.id == user.id).values(subscription_tier="premium")
            await self.database.write(lambda session: session.execute(promotion))
        return api


@asynccontextmanager
async def running_product(
    *,
    data_dir: Path,
    emulator: Emulator,
    database_url: str | None = None,
    redis_url: str | None = None,
    **changes: Any,
) -> AsyncIterator[Product]:
    """The product on a socket of its own, in this process; `changes` are further settings."""
    clock = TravelClock()
    usual: dict[str, Any] = {
        "data_dir": data_dir,
        "database_url": SecretStr(database_url) if database_url else None,
        "redis_url": SecretStr(redis_url) if redis_url else None,
        "local_model": "off",
        "openrouter_base_url": emulator.base_url,
        "openrouter_api_key": SecretStr(emulator.api_key),
    }
    settings = Settings(_env_file=None, **(usual | changes))
    configure_logging(level="warning", json_lines=True)
    if database_url is None:
        await asyncio.to_thread(begin_migrated, data_dir)
    async with running_app(settings, clock=clock) as app:
        # What a failed sign-in waits, so as not to tell of which kind it is, is proved in tests/unit.
        app.state.parts[Accounts]._passwords.failure_takes = 0.0
        config = uvicorn.Config(
            app,
            host="127.0.0.1",
            port=0,
            http=DirectProtocol,
            log_config=None,
            lifespan="off",
            ws="none",
            proxy_headers=False,
            timeout_keep_alive=75,  # as in production: on a slow machine the tests' own client would meet a connection that closes
        )
        server = InProcessServer(config)
        serving = asyncio.create_task(server.serve())
        await server.is_up.wait()
        port = server.servers[0].sockets[0].getsockname()[1]
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0), cookie_jar=aiohttp.DummyCookieJar(), read_bufsize=2**22
        ) as session:
            yield Product(app, f"http://127.0.0.1:{port}", session, emulator, clock, data_dir, database_url)
            await app.state.parts[Relay].drain(0)
        server.stop()
        await serving


@cache
def _hash_of_password() -> str:
    return _HASHER.hash(PASSWORD)


class InProcessServer(uvicorn.Server):
    """Leaves the tests' signals alone, and is told when to end: uvicorn's own looks ten times a second whether it should,
    and again whether all is over, which would be most of the time of most tests.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()
        self._is_over = asyncio.Event()

    def stop(self) -> None:
        self.should_exit = True
        self._is_over.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def main_loop(self) -> None:
        self.is_up.set()
        while not await self.on_tick(counter=0):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._is_over.wait(), timeout=1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=self.config.timeout_graceful_shutdown)


def begin_migrated(data_dir: Path) -> None:
    """Puts an empty SQLite database with the newest schema where none is yet: what the migrations do is tested elsewhere."""
    target = data_dir / DATABASE_FILE
    if not target.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(_sqlite_template(), target)


@cache
def _sqlite_template() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="aichat-test-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)

    async def prepare() -> None:
        database = await open_database(None, folder)
        await migrate(database)
        await database.close()

    asyncio.run(prepare())
    return folder / DATABASE_FILE


def migrated_template(server: PostgresServer) -> str:
    """A database with the newest schema, for others to be cloned from."""
    url = server.create_database()

    async def prepare() -> None:
        database = await open_database(url, Path())
        await migrate(database)
        await database.close()

    asyncio.run(prepare())
    return url
