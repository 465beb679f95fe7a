"""The product as its operator runs it: processes of its own, started, stopped and killed from outside."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import aiohttp

from ai_chat.emulators.openrouter import Emulator
from tests.product import LATE, PASSWORD, QUOTA_ZONE, Api

INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "COVERAGE_PROCESS_START")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(data_dir: Path, emulator: Emulator | None = None, **settings: str) -> dict[str, str]:
    """Nothing of the developer's own settings, no embedded model, and the emulator as OpenRouter."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    upstream = {}
    if emulator is not None:
        upstream = {"OPENROUTER_BASE_URL": emulator.base_url, "OPENROUTER_API_KEY": emulator.api_key}
    # A story that counts the messages of a day must not begin so late that the day may end in its middle.
    zone = "Asia/Tokyo" if datetime.now(QUOTA_ZONE).time() > LATE else QUOTA_ZONE.key
    ours = {"PYTHONUNBUFFERED": "1", "DATA_DIR": str(data_dir), "LOCAL_MODEL": "off", "QUOTA_TIMEZONE": zone}
    return {**kept, **ours, **upstream, **settings}


@dataclass(frozen=True)
class Finished:
    """A command that has run to its end."""

    code: int
    output: str
    errors: str

    @property
    def sentence(self) -> str:
        """What the command says about its failure: exit code 1, one line, no traceback."""
        assert self.code == 1, f"{self.code}: {self.errors}"
        assert "Traceback" not in self.errors, self.errors
        said = [line for line in self.errors.splitlines() if line.startswith("ai-chat: ")]
        assert len(said) == 1, self.errors
        return said[0]


async def run(*arguments: str, env: Mapping[str, str], cwd: Path, prefix: tuple[str, ...] = ()) -> Finished:
    """`ai-chat …` to its end."""
    process = await asyncio.create_subprocess_exec(
        *prefix, sys.executable, "-m", "ai_chat", *arguments,
        env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(40):
            output, errors = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    assert process.returncode is not None
    return Finished(process.returncode, output.decode(), errors.decode())


class Server:
    """`ai-chat serve` in a process group of its own, or another `program` that takes the same arguments."""

    def __init__(
        self, env: Mapping[str, str], cwd: Path, *arguments: str, program: tuple[str, ...] = ("ai_chat", "serve")
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._log = cwd / f"server-{self.port}.log"
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *program, "--host", "127.0.0.1", "--port", str(self.port), *arguments],
                env=dict(env), cwd=cwd, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    @property
    def log(self) -> str:
        return re.sub(r"\x1b\[[0-9;]*m", "", self._log.read_text(errors="replace"))

    async def ready(self) -> None:
        deadline = time.monotonic() + 40
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < deadline:
                assert self.process.poll() is None, self.log
                with suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/health") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.05)
        raise AssertionError(f"not ready:\n{self.log}")

    def kill(self) -> None:
        """The crash: kill -9 of this one process."""
        self.process.kill()
        self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """The exit code after the signal."""
        self.process.send_signal(number)
        return await asyncio.to_thread(self.process.wait, 40)

    def clean_up(self) -> None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@asynccontextmanager
async def serving(
    env: Mapping[str, str], cwd: Path, *arguments: str, program: tuple[str, ...] = ("ai_chat", "serve")
) -> AsyncIterator[Server]:
    """A server that answers, and that never outlives the test."""
    server = Server(env, cwd, *arguments, program=program)
    try:
        await server.ready()
        yield server
    finally:
        server.clean_up()


@asynccontextmanager
async def newcomer(server: Server) -> AsyncIterator[Api]:
    """Somebody who has just registered."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), read_bufsize=2**22) as session:
        anonymous = Api(session, server.url)
        registered = await anonymous.post("/api/auth/register", {"email": "ann@example.com", "password": PASSWORD})
        yield Api(session, server.url, registered.data["token"], registered.data["user"])


def moved_to(api: Api, server: Server) -> Api:
    """The same person, with the same token, at another server."""
    return Api(api.session, server.url, api.token, api.user)
