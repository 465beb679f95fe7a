"""One life of the child process, from its start to its reaping. Whether there is another, `supervisor` decides."""

import asyncio
import contextlib
import json
import os
import signal
import sysconfig
from collections.abc import Sequence
from pathlib import Path
from typing import Self

from ai_chat.integrations.local_model.child import ChildConfig
from ai_chat.integrations.local_model.machine import LocalModelUnavailable

TAIL_BYTES = 4096
STOP_GRACE_SECONDS = 2.0

ENVIRONMENT_PASSED_ON = (
    "HOME",
    "LD_LIBRARY_PATH",
    "PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "SYSTEMROOT",
    "TMPDIR",
)
"""A list of what may pass, not of what may not: the server's environment is full of secrets the child never needs."""

SOURCE_FOLDER = Path(__file__).parents[3]
IS_INSTALLED = SOURCE_FOLDER in {Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))}


def child_environment() -> dict[str, str]:
    environment = {name: os.environ[name] for name in ENVIRONMENT_PASSED_ON if name in os.environ}
    environment["LC_ALL"] = "C.UTF-8"  # the one UTF-8 locale that bare systems have
    # From a source folder that is not installed the child would not find us. Installed, it does without help, and then
    # the folder must not be named: it would go before the standard library.
    if not IS_INSTALLED:
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SOURCE_FOLDER), environment.get("PYTHONPATH")]))
    return environment


class ChildProcess:
    """A running child: its port once it is ready, and the end of what it wrote to stderr."""

    def __init__(self, process: asyncio.subprocess.Process, config: ChildConfig) -> None:
        self._process = process
        self._api_key = config.api_key
        self._tail = bytearray()
        self._drain = asyncio.create_task(self._drain_stderr(), name="local-model-stderr")
        self.stopping = False

    @classmethod
    async def spawn(cls, command: Sequence[str], config: ChildConfig) -> Self:
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=child_environment(),
            )
        except OSError as error:
            raise LocalModelUnavailable(f"The model's process could not be started: {error}.") from error
        child = cls(process, config)
        if process.stdin is not None:
            # Not drained: it fits into the pipe, and a cancellation in between would lose sight of the process.
            process.stdin.write(config.to_line())
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    async def ready(self) -> int:
        """Wait for the child's port. Loading takes half a second from a warm disk, and some seconds from a cold one."""
        line = b""
        if self._process.stdout is not None:
            with contextlib.suppress(ValueError):  # a line too long to be ours
                line = await self._process.stdout.readline()
        with contextlib.suppress(ValueError):
            message: object = json.loads(line)
            if isinstance(message, dict) and isinstance(port := message.get("port"), int):
                return port
        await self.stop()
        raise LocalModelUnavailable(f"The model did not start: {self.obituary()}")

    def alive(self) -> bool:
        """Say whether the loop has not heard of its death, which it does some milliseconds after the fact."""
        return self._process.returncode is None

    async def exited(self) -> None:
        await self._process.wait()
        # Something the child started may hold its stderr open; the last words are not worth waiting for it.
        await asyncio.wait({self._drain}, timeout=1.0)
        self._drain.cancel()

    async def stop(self) -> None:
        """Ask the child to leave by closing its stdin, and kill it if it does not. Safe to call again, or when dead."""
        self.stopping = True
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_GRACE_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self.kill()
        await self.exited()

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def obituary(self) -> str:
        """How the process ended and what it said last, for the log and for `LocalModelUnavailable`."""
        tail = self._tail.decode(errors="replace").replace(self._api_key, "***").strip()
        return f"{_describe_exit(self._process.returncode)}{f': {tail}' if tail else '.'}"

    async def _drain_stderr(self) -> None:
        """Read stderr to its end, or a full pipe would stop the child in the middle of a word. Only the end is kept."""
        stderr = self._process.stderr
        while stderr is not None and (chunk := await stderr.read(65536)):
            self._tail += chunk
            del self._tail[:-TAIL_BYTES]


def _describe_exit(code: int | None) -> str:
    if code is None:
        return "its process is still running"
    if code >= 0:
        return f"its process ended with status {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = str(-code)
    hint = " (this processor lacks instructions the runtime was built for)" if name == "SIGILL" else ""
    return f"its process was ended by signal {name}{hint}"
