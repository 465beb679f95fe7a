"""Runs the application under uvicorn: one process, several workers, or with reload. Shutting down loses no answer."""

import asyncio
import ctypes
import gc
import multiprocessing
import resource
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from types import FrameType

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI
from uvicorn.supervisors import ChangeReload

from ai_chat.app import running_app
from ai_chat.assembly.keeping import open_storage
from ai_chat.features.accounts.live import LiveEvents
from ai_chat.http.uvicorn_protocol import DirectProtocol
from ai_chat.kernel.clock import Clock, system_clock
from ai_chat.kernel.logging import configure_logging
from ai_chat.kernel.refusal import Refusal
from ai_chat.relay.relay import Relay
from ai_chat.settings import Settings
from ai_chat.workers import CANNOT_START, run_workers

_GRACE_PRODUCTION = 20.0
_GRACE_DEVELOPMENT = 2.0
"""How long running answers may go on after SIGTERM. A developer pressing Ctrl-C does not want to wait."""

_SWITCH_SECONDS = 0.0005
"""SQLite's writer gives the interpreter away with every statement; at Python's own 5 ms it would wait that long for it, a dozen
times a message, whenever the event loop is busy."""

_SAVING_SECONDS = 10.0
"""After a second signal: how long the database may take to save the answers that are broken off."""

log = structlog.get_logger()


class CannotServe(Refusal):
    """The server cannot start."""


class DrainingServer(uvicorn.Server):
    """Before connections are closed, running answers end or are saved, so that every reader hears how it ended."""

    def __init__(self, config: uvicorn.Config, relay: Relay, live: LiveEvents, grace: float) -> None:
        super().__init__(config)
        self._relay = relay
        self._live = live
        self._grace = grace
        self._second_signal = asyncio.Event()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        draining = asyncio.create_task(self._relay.drain(self._grace))
        hurrying = asyncio.create_task(self._second_signal.wait())
        await asyncio.wait({draining, hurrying}, return_when=asyncio.FIRST_COMPLETED)
        hurrying.cancel()
        if not draining.done():
            await asyncio.wait({asyncio.create_task(self._relay.drain(0)), draining}, timeout=_SAVING_SECONDS)
        self._live.close_all()  # they would never end by themselves
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """The first signal drains; a second one saves what there is and goes."""
        if self.should_exit:
            self._second_signal.set()
        super().handle_exit(sig, frame)
        self.force_exit = False  # our own clean-up is short, and is not skipped

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Uvicorn would raise the signal again at the end and kill the process before our own clean-up."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)


def serve(settings: Settings, *, workers: int = 1, reload: bool = False, clock: Clock = system_clock) -> None:
    """Serves until SIGINT or SIGTERM. A Refusal says in one sentence why it does not start. Another clock than the system's
    is for one process, the demonstration's.
    """
    if workers > 1 and (settings.database_url is None or settings.redis_url is None):
        raise CannotServe("More than one worker needs PostgreSQL (DATABASE_URL) and Redis (REDIS_URL).")
    _raise_file_limit()
    if workers > 1:
        _try_once(settings)
    listening = _listen(settings)
    try:
        if reload:
            config = _config(settings, reload=True)
            ChangeReload(config, target=partial(_serve_process, settings), sockets=[listening]).run()
        elif workers > 1:
            if not run_workers(partial(_serve_worker, settings, workers), workers, listening):
                raise CannotServe("The workers could not start; each has said why.")
        else:
            _serve_process(settings, [listening], clock=clock)
    finally:
        listening.close()


def _try_once(settings: Settings) -> None:
    """What would stop every worker is said once, before any is started."""
    configure_logging(level=settings.log_level, json_lines=settings.is_production, for_good=True)

    async def check() -> None:
        async with AsyncExitStack() as stack:
            await open_storage(settings, stack, workers=1)

    settings.prepare_data_dir()
    asyncio.run(check())


def _serve_process(
    settings: Settings, sockets: list[socket.socket] | None = None, *, workers: int = 1, clock: Clock = system_clock
) -> None:
    _tune_memory()
    sys.setswitchinterval(_SWITCH_SECONDS)
    configure_logging(level=settings.log_level, json_lines=settings.is_production, for_good=True)
    uvloop.run(_serve(settings, sockets or [], workers, clock))


def _serve_worker(settings: Settings, workers: int, sockets: list[socket.socket]) -> None:
    """One of several: says by its exit code whether another try makes sense."""
    try:
        _serve_process(settings, sockets, workers=workers)
    except Refusal as problem:
        sys.stderr.write(f"ai-chat: {problem}\n")
        raise SystemExit(CANNOT_START) from None


async def _serve(settings: Settings, sockets: list[socket.socket], workers: int, clock: Clock) -> None:
    async with running_app(settings, clock=clock, workers=workers) as app:
        _set_aside_what_stays()
        parts = app.state.parts
        server = DrainingServer(_config(settings, app), parts[Relay], parts[LiveEvents], _grace(settings))
        host, port = sockets[0].getsockname()[:2]
        shown = "localhost" if host in ("0.0.0.0", "::", "127.0.0.1") else host  # noqa: S104
        _stop_with_parent(server)
        log.info("serving", address=f"http://{shown}:{port}", environment=settings.app_env)
        await server.serve(sockets)
    log.info("stopped")


def _stop_with_parent(server: uvicorn.Server) -> None:
    """A worker whose supervisor was killed stops as after SIGTERM, instead of serving on unseen."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        loop = asyncio.get_running_loop()

        def parent_is_gone() -> None:
            loop.remove_reader(parent.sentinel)
            server.should_exit = True

        loop.add_reader(parent.sentinel, parent_is_gone)


def _grace(settings: Settings) -> float:
    return _GRACE_PRODUCTION if settings.is_production else _GRACE_DEVELOPMENT


def _config(settings: Settings, app: FastAPI | str = "ai_chat", *, reload: bool = False) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        reload=reload,
        reload_dirs=[str(Path(__file__).parent)] if reload else None,
        loop="none",
        http=DirectProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=4096,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
        listening.listen(4096)
    except OSError as problem:
        listening.close()
        raise CannotServe(
            f"Port {settings.port} on {settings.host} cannot be used: {problem.strerror}."
            " Stop the program that has it, or choose another with PORT=3002."
        ) from problem
    listening.set_inheritable(True)
    return listening


def _tune_memory() -> None:
    """Glibc's defaults do not suit us: freed password hashing memory (19 MiB each) would stay with the process, every thread
    would get an arena of its own, and over TLS uvloop's 256 KiB reads would go back to the kernel each time (which cost a
    third of the CPU of a relayed token). Elsewhere than on glibc nothing happens.
    """
    trim_threshold, mmap_threshold, arena_max = -1, -3, -8
    with suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(mmap_threshold, 4 * 1024 * 1024)
        mallopt(trim_threshold, 8 * 1024 * 1024)
        mallopt(arena_max, 2)


_COLLECT_AFTER = 10_000, 20, 20
"""Python's 700, 10, 10 look through the objects of some twenty requests after each five of them."""


def _set_aside_what_stays() -> None:
    """The collector of cycles looks at everything now and then: at all modules, routes and models, which never go, for a tenth of
    a second in which no answer moves. Set aside, they are passed over.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


def _raise_file_limit() -> None:
    """Three thousand streams are six thousand sockets."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (65_536, 10_240, 4_096):  # some systems refuse more than they have, whatever the hard limit says
        if soft >= wanted:
            return
        if hard in (resource.RLIM_INFINITY, -1) or hard >= wanted:
            with suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
                return
