"""The servers that are measured: each can be started, asked for an answer, and weighed by its process id."""

import json
import os
import shutil
import socket
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from signal import SIGTERM

from tests.services.process import ServerDirectory, ServerError, ServerProcess

ROOT = Path(__file__).resolve().parent.parent
_PEERS = Path(__file__).parent / "peers"


class Target(ABC):
    """A server under load."""

    name = ""

    def __init__(self) -> None:
        self.port = free_port()
        self._stack = ExitStack()
        self._process: ServerProcess | None = None

    @abstractmethod
    def start(self, upstream: int) -> None:
        """Starts it in front of the mock upstream on this port and waits until it listens."""

    def prepare(self, model: str, count: int) -> list[str]:
        """As many requests for an answer of this model, ready to be sent."""
        return [http_request("/message", {"model": model, "content": f"Question {number}"}) for number in range(count)]

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def side_pids(self) -> dict[str, int]:
        """Other servers that work for it, weighed apart."""
        return {}

    def stop(self) -> None:
        self._stack.close()

    def run(self, command: Sequence[str | Path], env: dict[str, str]) -> None:
        """Starts the server's process, which ends with ours whatever happens."""
        directory = self.directory()
        plain = {"PATH": os.environ["PATH"], "HOME": str(directory.path), "LC_ALL": "C.UTF-8"}
        self._process = ServerProcess(command, directory, stop_signal=SIGTERM, env=plain | env)
        self._stack.callback(self._process.stop)
        self._process.wait_until(lambda: listens(self.port), name=self.name)

    def directory(self) -> ServerDirectory:
        directory = ServerDirectory("bench")
        self._stack.callback(directory.remove)
        return directory


class FastApiHttpx(Target):
    """Peer (a): FastAPI and httpx."""

    name = "FastAPI + httpx"

    def start(self, upstream: int) -> None:
        command = [sys.executable, "-m", "uvicorn", "--app-dir", str(_PEERS), "fastapi_httpx:app"]
        options = ["--port", str(self.port), "--log-level", "warning", "--no-access-log", "--backlog", "4096"]
        self.run([*command, *options], {"UPSTREAM": f"http://127.0.0.1:{upstream}"})


class NodeRelay(Target):
    """Peer (b): Node."""

    name = "Node relay"

    def start(self, upstream: int) -> None:
        env = {"UPSTREAM": f"http://127.0.0.1:{upstream}", "PORT": str(self.port)}
        self.run([_found("node"), _PEERS / "node_relay.mjs"], env)


class Nginx(Target):
    """Peer (c): nginx passes the upstream's bytes on as they are."""

    name = "nginx"

    def start(self, upstream: int) -> None:
        directory = self.directory().path
        directory.chmod(0o755)
        config = (_PEERS / "nginx.conf").read_text()
        for name, value in {"DIRECTORY": directory, "PORT": self.port, "UPSTREAM": upstream}.items():
            config = config.replace(f"${name}", str(value))
        (directory / "nginx.conf").write_text(config)
        self.run([_found("nginx"), "-e", "stderr", "-p", directory, "-c", directory / "nginx.conf"], {})


class MockUpstream(Target):
    """Not measured: what stands behind every target."""

    name = "mock upstream"

    def __init__(self, models: list[str]) -> None:
        super().__init__()
        self._models = models

    def start(self, upstream: int = 0) -> None:
        command = [sys.executable, "-m", "bench.mock", str(self.port), *self._models]
        self.run(command, {"PYTHONPATH": str(ROOT)})


def installed(target: type[Target]) -> bool:
    """Whether this machine has what the target needs."""
    needed = {NodeRelay: "node", Nginx: "nginx"}.get(target)
    with suppress(ServerError):
        return needed is None or bool(_found(needed))
    return False


def _found(program: str) -> str:
    """The program on PATH, or where a variable of its name (`NGINX=/opt/nginx`) says."""
    path = shutil.which(os.environ.get(program.upper(), program))
    if path is None:
        raise ServerError(f"{program} is not installed.")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        time.sleep(0.02)
        return False


def http_request(path: str, content: dict[str, str], token: str | None = None) -> str:
    body = json.dumps(content)
    sign_in = f"Authorization: Bearer {token}\r\n" if token else ""
    return (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{sign_in}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
