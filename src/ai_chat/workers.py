"""Several workers on one listening socket: starts them, replaces those that die, stops them all.

uvicorn's own supervisor runs uvicorn's own server class; ours drains, so the few lines of supervision are here too.
"""

import multiprocessing
import signal
import socket
import threading
from collections.abc import Callable
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

import structlog

_FAST_DEATH_PAUSE = 2.0
_STOP_PATIENCE = 40.0

log = structlog.get_logger()

CANNOT_START = 78
"""A worker's exit code where starting it again would end the same way (EX_CONFIG of sysexits.h)."""

Work = Callable[[list[socket.socket]], None]


def run_workers(work: Work, count: int, listening: socket.socket) -> bool:
    """Runs `count` processes of `work` until SIGINT or SIGTERM; False where they cannot start. A worker whose parent is
    gone stops by itself.
    """
    context = multiprocessing.get_context("spawn")
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())

    def start() -> BaseProcess:
        process = context.Process(target=work, args=([listening],))
        process.start()
        return process

    processes = [start() for _ in range(count)]
    log.info("workers started", count=count, pids=[process.pid for process in processes])
    while not stopping.is_set():
        wait([process.sentinel for process in processes], timeout=0.5)
        dead = [process for process in processes if not process.is_alive()]
        if any(process.exitcode == CANNOT_START for process in dead):
            break
        if dead and not stopping.wait(_FAST_DEATH_PAUSE):
            for process in dead:
                log.error("a worker died and is replaced", pid=process.pid, exit_code=process.exitcode)
                processes[processes.index(process)] = start()
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(_STOP_PATIENCE)
        if process.is_alive():
            process.kill()
            process.join()
    return stopping.is_set()
