"""What every emulator does as a server: refuse to be reachable, listen, run until it is stopped, note what it was asked."""

from __future__ import annotations

import asyncio
import ipaddress
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from aiohttp import web

from ai_chat.emulators.json_values import Json, JsonObject, as_object

PREFIX = "/_emulator"
"""Where the emulator's own controls are. They need no key: it listens on loopback only."""


class EmulatorRefused(RuntimeError):
    """The emulator will not start: it gives away what costs money, so it must not be reachable or run in production."""


class Closing:
    """`async with` for what has a `close()`."""

    async def close(self) -> None:
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def refuse_production(vendor: str, host: str, environ: Mapping[str, str]) -> None:
    """Raise EmulatorRefused unless this is a loopback address outside production."""
    for name in ("APP_ENV", "NODE_ENV"):
        if environ.get(name, "").strip().lower() in {"production", "prod"}:
            raise EmulatorRefused(f"the {vendor} emulator does not run in production ({name}={environ[name]})")
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise EmulatorRefused(f"the {vendor} emulator listens on loopback only, not on {host!r}")


async def listen(app: web.Application, host: str, port: int, *, backlog: int = 4096) -> tuple[web.AppRunner, str]:
    """Serve the application; port 0 takes a free one. Returns what to clean up, and `http://host:port`."""
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port, backlog=backlog).start()
    except BaseException:
        await runner.cleanup()
        raise
    shown = f"[{host}]" if ":" in host else host
    return runner, f"http://{shown}:{runner.addresses[0][1]}"


async def until_stopped() -> None:
    """Wait for Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """One request as it arrived, for assertions. Header names are in lower case."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Json
    time: float

    @property
    def key(self) -> str:
        """The Idempotence-Key it came with."""
        return self.headers.get("idempotence-key", "")

    def describe(self, time: Callable[[float], Json] = float) -> JsonObject:
        """As JSON; `time` writes the moment the vendor's way."""
        return {
            "method": self.method,
            "path": self.path,
            "query": {**self.query},
            "headers": {**self.headers},
            "body": self.body,
            "time": time(self.time),
        }


async def recorded(
    request: web.Request, decode: Callable[[bytes], Json], now: float, leave_out: frozenset[str] = frozenset()
) -> RecordedRequest:
    """The request with its body, as JSON where it is JSON and as text where it is not."""
    data = await request.read()
    body: Json = None
    try:
        body = decode(data) if data else None
    except ValueError:
        body = data.decode("utf-8", "replace")
    headers = {name.lower(): value for name, value in request.headers.items()}
    kept = {name: value for name, value in headers.items() if name not in leave_out}
    return RecordedRequest(request.method, request.path, dict(request.query), kept, body, now)


async def read_object(request: web.Request, decode: Callable[[bytes], Json]) -> JsonObject:
    """The body of a control call: an object, or nothing."""
    data = await request.read()
    return as_object(decode(data)) if data else {}
