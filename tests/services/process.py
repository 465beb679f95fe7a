"""What every supervised server shares: a short directory of its own, and a way never to outlive the tests.

Two nets, because `kill -9` on pytest runs no code of ours:

1. Linux: each server is started through `setpriv --pdeathsig`, so the kernel stops it when its parent dies.
2. Everywhere: each directory holds a lock that lives exactly as long as the process that made it. Whoever starts the next
   server removes the directories whose lock is free, and first stops whatever still runs in them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_PREFIX = "aichat-test-"
_LOCK = "owner.lock"
_PIDS = "pids"


class ServerError(RuntimeError):
    """A server for the tests could not be found, started or used; the message says what to do."""


class ServerDirectory:
    """A directory with a path short enough for a unix socket (107 bytes), removed with its last user."""

    def __init__(self, kind: str) -> None:
        base = _base_directory()
        _sweep(base)
        self.path = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{kind}-", dir=base))
        # Locked before it gets the name that a sweeper looks for: there is no moment in which it looks abandoned.
        unnamed = self.path / f"{_LOCK}.new"
        self._lock = os.open(unnamed, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unnamed.rename(self.path / _LOCK)

    def record_process(self, pid: int) -> None:
        with (self.path / _PIDS).open("a") as pids:
            pids.write(f"{pid}\n")

    def remove(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)
        with suppress(OSError):
            os.close(self._lock)


class ServerProcess:
    """One running server. Stopping is a signal and a wait; a server that ignores the signal is killed."""

    def __init__(
        self,
        command: Sequence[str | Path],
        directory: ServerDirectory,
        *,
        stop_signal: signal.Signals,
        identity: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
    ) -> None:
        self._stop_signal = stop_signal
        self._log = directory.path / "log"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                # In this order: changing identity makes the kernel forget whose death to watch for.
                [*identity, *_die_with_parent(stop_signal), *map(str, command)],
                cwd=directory.path,
                env=dict(env) if env is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal is for pytest, which then stops its servers itself and in order.
                start_new_session=True,
            )
        directory.record_process(self._process.pid)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, ready: Callable[[], bool], *, name: str, timeout: float = 30.0) -> None:
        deadline = time.monotonic() + timeout
        while not ready():
            if not self.running:
                raise ServerError(f"{name} ended at once with code {self._process.returncode}:\n{self._log_tail()}")
            if time.monotonic() > deadline:
                self.kill()
                raise ServerError(f"{name} was not ready after {timeout:g} s:\n{self._log_tail()}")
            time.sleep(0.005)

    def stop(self, timeout: float = 10.0) -> None:
        if self.running:
            self._process.send_signal(self._stop_signal)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _log_tail(self) -> str:
        return "\n".join(self._log.read_text(errors="replace").splitlines()[-10:])


def _base_directory() -> Path:
    """`/tmp` rather than `$TMPDIR`: test runners point the latter deep into a tree, too deep for a unix socket."""
    short = Path("/tmp")
    return short if os.access(short, os.W_OK) else Path(tempfile.gettempdir())


def _die_with_parent(stop_signal: signal.Signals) -> list[str]:
    # The kernel watches the *thread* that forked: a helper thread's end would stop the server in the middle of a test.
    setpriv = shutil.which("setpriv")
    if setpriv is None or threading.current_thread() is not threading.main_thread():
        return []
    return [setpriv, "--pdeathsig", stop_signal.name.removeprefix("SIG")]


def _sweep(base: Path) -> None:
    """Remove what dead test runs of this user left behind."""
    for lock in base.glob(f"{_PREFIX}*/{_LOCK}"):
        try:
            descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
        except OSError:  # another user's, or removed a moment ago
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _kill_leftovers(lock.parent)
            shutil.rmtree(lock.parent, ignore_errors=True)
        except OSError:  # its owner is alive
            pass
        finally:
            os.close(descriptor)


def _kill_leftovers(directory: Path) -> None:
    with suppress(OSError, ValueError):
        for pid in map(int, (directory / _PIDS).read_text().split()):
            if str(directory) in _command_of(pid):  # the number may belong to somebody else by now
                with suppress(OSError):
                    os.kill(pid, signal.SIGKILL)


def _command_of(pid: int) -> str:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    with suppress(OSError):
        ps = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return ps.stdout
    return ""
