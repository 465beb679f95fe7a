"""Running commands for the set-up: their output goes to a log, their failure becomes one sentence. Readable by Python 3.8."""

from __future__ import annotations

import contextlib
import errno
import getpass
import os
import re
import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Mapping, Sequence  # noqa: UP035 - Python 3.8 has no other place

from scripts.folders import ROOT, short

DISK_SPACE = "2 GB"


class SetupError(Exception):
    """The message is one sentence: what is wrong and what to do."""


class Logged:
    """Runs the commands that make one thing, with their output in one log."""

    def __init__(self, what: str, path: Path) -> None:
        self.what = what
        self.path = path

    def run(self, command: Sequence[str | Path], cwd: Path = ROOT, env: Mapping[str, str] | None = None) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        arguments = [str(part) for part in command]
        with self.path.open("ab") as log:
            log.write(f"$ {' '.join(map(shlex.quote, arguments))}\n".encode())
            log.flush()
            begin = log.tell()
            code = children.run(arguments, cwd=cwd, env=env, output=log.fileno())
        if code != 0:
            with self.path.open("rb") as log:
                log.seek(begin)
                output = log.read().decode(errors="replace")
            raise SetupError(_explain(self.what, self.path, output, code))


class _Children:
    """The commands that are running, so that a failure, Ctrl-C or SIGTERM ends them all with everything they started."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False
        self.keep_open: tuple[int, ...] = ()

    def run(self, command: Sequence[str], cwd: Path, env: Mapping[str, str] | None, output: int) -> int:
        with self._lock:
            if self._stopped:
                raise SetupError("stopped")
            child = subprocess.Popen(
                command,
                cwd=str(cwd),
                env=dict(env) if env is not None else None,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=self.keep_open,
            )
            self._running.add(child)
        code = child.wait()
        with self._lock:
            self._running.discard(child)
        return code

    def stop(self) -> None:
        """Asks them to end and insists a second later: npm, while it retries, does not listen."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            with self._lock:
                self._stopped = True
                running = list(self._running)
            for child in running:
                with contextlib.suppress(OSError):
                    os.killpg(child.pid, number)
            deadline = time.monotonic() + 1.0
            while time.monotonic() < deadline and any(child.poll() is None for child in running):
                time.sleep(0.02)


children = _Children()


def ask(command: Sequence[str]) -> str | None:
    """What a command prints, or None if there is no such command or it fails (a version manager's shim does)."""
    try:
        done = subprocess.run(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


_EXPLANATIONS = {
    r"ENOSPC|No space left on device|os error 28\b|EDQUOT|Disk quota exceeded": (
        f"The disk is full: about {DISK_SPACE} are needed here and in the home folder's cache; free some and run it again."
    ),
    (
        r"UnknownIssuer|CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT|UNABLE_TO_(?:GET_ISSUER|VERIFY)"
        r"|invalid peer certificate"
    ): (
        "The package registry's certificate is not trusted here: set SSL_CERT_FILE and NODE_EXTRA_CA_CERTS to your "
        "organisation's certificate file and run it again."
    ),
    (
        r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT"
        r"|NewConnectionError|NameResolutionError|name resolution|dns error|failed to lookup address"
        r"|error sending request|[Cc]onnection refused|[Nn]etwork is unreachable|ProxyError|ReadTimeoutError"
        r"|ConnectTimeoutError|operation timed out"
    ): (
        "The package registry cannot be reached: check the network (or HTTPS_PROXY) and run it again; "
        "what is done stays done."
    ),
    r"EUSAGE|can only install packages when your package\.json": (
        "web/package-lock.json does not fit web/package.json: run `npm install` in web/ and commit both."
    ),
    r"[Hh]ash mismatch|DO NOT MATCH THE HASHES|EINTEGRITY": (
        "A downloaded package is not the one that was locked, so it was refused: run it again, and if it stays so, "
        "ask whoever runs your package mirror."
    ),
}
_DISK_FULL = next(iter(_EXPLANATIONS.values()))


def _explain(what: str, log: Path, output: str, code: int) -> str:
    denied = re.search(r"(?:EACCES|EPERM|EROFS|[Pp]ermission denied|Read-only file system).{0,200}", output)
    for pattern, sentence in _EXPLANATIONS.items():
        if re.search(pattern, output):
            return f"{sentence} (Details: {short(log)})"
    if denied:
        return f"A file may not be written: {denied[0].strip()} (Details: {short(log)})"
    lines = [line for line in output.splitlines() if line.strip() and not re.match(r"\s+at |node:internal", line)]
    tail = "\n".join(f"    {line}" for line in lines[-12:])
    return f"Making the {what} failed with code {code}; the last lines of {short(log)} are:\n{tail}"


def explain_os_error(error: OSError) -> str:
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"This folder cannot be written: {error.filename or ROOT} (by user {_user()}); clone into a folder of your own."
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _DISK_FULL
    return f"{error.strerror or error}: {error.filename}." if error.filename else f"{error}."


def _user() -> str:
    try:
        return getpass.getuser()
    except Exception:  # noqa: BLE001 - a container's user without a name
        return str(os.getuid())


def say(line: str) -> None:
    print(line, flush=True)
