"""Working on what strangers send in a process of its own: one that knows no secrets, has little memory and time, and may be killed.

What reads pictures, PDFs and archives is a large amount of code, some of it can be made to calculate for ever or to need all
memory, and neither may happen where everybody's answers are written. The working module is run as a program: it reads a file,
leaves others in a folder, and says in one line of JSON what it has found.
"""

import asyncio
import errno
import json
import os
import resource
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import structlog

_MEMORY = 2 * 1024**3
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EROFS)

log = structlog.get_logger()


class Unusable(Exception):
    """The file cannot be used; `code` is that of our error, the text may say more."""

    def __init__(self, code: str, message: str | None = None) -> None:
        self.code = code
        self.message = message
        super().__init__(code)


def report(look: Callable[[Path, Path], dict[str, Any]]) -> None:
    """The body of such a program: `python -m … SOURCE FOLDER SECONDS`."""
    _take_little(int(sys.argv[3]))
    source, folder = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        said: dict[str, Any] = look(source, folder)
    except (Unusable, OSError) as problem:
        if getattr(problem.__cause__ or problem, "errno", None) in _NO_ROOM:  # the file is not to blame
            problem = Unusable("SERVICE_UNAVAILABLE")
        if not isinstance(problem, Unusable):
            raise
        said = {"unusable": problem.code, "message": problem.message}
    sys.stdout.write(json.dumps(said))


def _take_little(seconds: int) -> None:
    """So much processor time and memory and no more, at the end of the queue. (macOS does not limit the latter.)"""
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    with suppress(OSError):
        os.nice(10)


class Apart:
    """Runs such programs, so many at once; one that takes longer than `seconds` is killed."""

    def __init__(self, *, at_once: int, seconds: int) -> None:
        self._turns = asyncio.Semaphore(at_once)
        self._seconds = seconds

    async def run(self, module: str, source: Path, folder: Path) -> dict[str, Any]:
        """What the program says; Unusable where it refuses, dies or takes too long."""
        async with self._turns:
            return await self._run(module, source, folder)

    async def _run(self, module: str, source: Path, folder: Path) -> dict[str, Any]:
        # Neither keys nor addresses of databases: only what a Python needs to find its modules.
        needed = ("PATH", "PYTHONPATH", "VIRTUAL_ENV", "LANG", "SYSTEMROOT", "TMPDIR")
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", module, str(source), str(folder), str(self._seconds),
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env={name: os.environ[name] for name in needed if name in os.environ},
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._seconds):
                said, _ = await process.communicate()
        except TimeoutError as problem:
            raise Unusable("FILE_UNREADABLE", "Reading the file took too long.") from problem
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        try:
            found: dict[str, Any] = json.loads(said)
        except ValueError as problem:
            log.warning("a file could not be looked into", module=module, ended_with=process.returncode)
            raise Unusable("FILE_UNREADABLE") from problem
        if "unusable" in found:
            raise Unusable(found["unusable"], found["message"])
        return found
