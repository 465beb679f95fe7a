"""Whatever happens to a test run, its servers end with it and its directories are removed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.services.process import ServerDirectory
from tests.services.valkey import ValkeyServer

ROOT = Path(__file__).resolve().parents[2]

RUN = """
import sys, time
from tests.services import PostgresServer, ValkeyServer
with PostgresServer() as postgres, ValkeyServer() as valkey:
    postgres.create_database()
    print(postgres.pid, valkey.pid, valkey.url.removeprefix("unix://"), flush=True)
    sys.stdin.read()
"""


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    # A zombie whose new parent has not collected it yet has ended.
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def wait_for(condition: Callable[[], bool], timeout: float = 10.0) -> bool:
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


@pytest.mark.parametrize(
    "end",
    [
        signal.SIGINT,
        pytest.param(
            signal.SIGKILL, marks=pytest.mark.skipif(sys.platform != "linux", reason="swept by the next run instead")
        ),
    ],
)
def test_servers_end_with_the_process_that_started_them(end: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL_TEST", raising=False)
    monkeypatch.delenv("REDIS_URL_TEST", raising=False)
    owner = subprocess.Popen(
        [sys.executable, "-c", RUN],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert owner.stdout is not None
    postgres_pid, valkey_pid, socket = owner.stdout.readline().split()
    directory = Path(socket).parent

    owner.send_signal(end)
    owner.communicate()

    assert wait_for(lambda: not alive(int(postgres_pid)))
    assert wait_for(lambda: not alive(int(valkey_pid)))
    if end == signal.SIGKILL:
        assert directory.exists(), "kill -9 leaves nobody to remove it"
        ServerDirectory("next").remove()
    assert not directory.exists()


def test_a_running_servers_directory_is_never_swept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL_TEST", raising=False)
    with ValkeyServer() as server:
        ServerDirectory("next").remove()
        assert Path(server.url.removeprefix("unix://")).exists()
