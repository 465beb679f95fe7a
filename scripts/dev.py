"""The product for development: the API with reload on 3001 and the web app with hot reload on 3000, stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from types import FrameType

from scripts.folders import ROOT, VENV, WEB
from scripts.interpreters import node_environment

PATIENCE = 10.0


def main() -> int:
    stop = False

    def ask_to_stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stop
        stop = True

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    environment = {**node_environment(), "APP_ENV": os.environ.get("APP_ENV", "development")}
    commands = {
        "API": ([str(VENV / "bin" / "ai-chat"), "serve", "--reload", "--port", "3001"], ROOT),
        "web": ([str(WEB / "node_modules" / ".bin" / "vite"), "--port", "3000", "--strictPort"], WEB),
    }
    children = {
        # A session each: Ctrl-C reaches only this script, which then stops both with everything they started.
        name: subprocess.Popen(command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, start_new_session=True)
        for name, (command, cwd) in commands.items()
    }
    ended: list[str] = []
    while not stop and not ended:
        time.sleep(0.1)
        ended = [name for name, child in children.items() if child.poll() is not None]
    for name in ended:
        print(f"{name} ended with code {children[name].returncode}, so everything stops.", flush=True)
    _stop(list(children.values()))
    return 0 if stop else 1


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    """Each stops what it started; what does not in time is killed, with all that it started."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + PATIENCE
    for child in children:
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(max(0.0, deadline - time.monotonic()))
    for child in children:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
