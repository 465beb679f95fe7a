"""The supervisor's promises, kept with children that misbehave in ways the real one hopefully never does."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import structlog.testing
import uvloop
from blockbuster import blockbuster_ctx

from ai_chat.integrations.local_model import machine, process, supervisor
from ai_chat.integrations.local_model.machine import LocalModelUnavailable
from ai_chat.integrations.local_model.supervisor import Backoff, Endpoint, LocalModelServer

# Each child first notes its process id, so that a test can count starts and look for survivors.
PREFACE = (
    "import os, signal, sys, time\nopen(sys.argv[1], 'a').write(f'{os.getpid()}\\n')\nline = sys.stdin.readline()\n"
)
READY = "print('{\"port\": 9}', flush=True)\n"
UNTIL_THE_PARENT_LEAVES = "sys.stdin.read()\n"
FOR_EVER = "time.sleep(600)\n"

GOOD = READY + UNTIL_THE_PARENT_LEAVES


class Children:
    """Supervisors of scripted children, and the list of the children that were started."""

    def __init__(self, folder: Path) -> None:
        self._started = folder / "started"
        self._started.touch()
        self._weights = folder / "model.gguf"
        self._weights.touch()
        self._servers: list[LocalModelServer] = []

    def server(self, script: str, start_timeout: float = 30.0) -> LocalModelServer:
        command = [sys.executable, "-S", "-c", PREFACE + script, str(self._started)]
        server = LocalModelServer(weights=self._weights, command=command, start_timeout=start_timeout)
        self._servers.append(server)
        return server

    def pids(self) -> list[int]:
        return [int(line) for line in self._started.read_text().splitlines()]

    async def stop(self) -> None:
        for server in self._servers:
            await server.stop()


@pytest.fixture
async def children(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Children]:
    monkeypatch.setattr(machine, "RUNTIME_PACKAGE", "json")
    children = Children(tmp_path)
    yield children
    await children.stop()


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)


def exists(pid: int) -> bool:
    """A child that ended but was not reaped still exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_nothing_is_started_before_it_is_needed(children: Children) -> None:
    server = children.server(GOOD)
    assert server.available()
    assert server.pid is None
    assert children.pids() == []


async def test_concurrent_callers_share_one_start(children: Children) -> None:
    server = children.server(GOOD)
    server.start_in_background()
    endpoints = await asyncio.gather(*(server.endpoint() for _ in range(20)))
    assert set(endpoints) == {Endpoint("http://127.0.0.1:9/v1", endpoints[0].api_key)}
    assert children.pids() == [server.pid]


async def test_a_caller_who_gives_up_does_not_cancel_the_start_for_others(children: Children) -> None:
    server = children.server(GOOD)
    impatient = asyncio.create_task(server.endpoint())
    patient = asyncio.create_task(server.endpoint())
    await asyncio.sleep(0)  # both wait for the start now
    impatient.cancel()
    await patient
    assert impatient.cancelled()
    assert len(children.pids()) == 1


async def test_a_child_that_died_is_replaced_on_the_next_call(children: Children) -> None:
    server = children.server(GOOD)
    first = await server.endpoint()
    with structlog.testing.capture_logs() as logs:
        os.kill(children.pids()[0], signal.SIGKILL)
        await until(lambda: server.pid is None)
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("local_model.died", "warning")]
    assert "SIGKILL" in logs[0]["reason"]
    assert await server.endpoint() != first
    assert len(children.pids()) == 2


async def test_a_refused_caller_gets_another_endpoint_at_once(children: Children) -> None:
    server = children.server(GOOD)
    first = await server.endpoint()
    os.kill(children.pids()[0], signal.SIGKILL)
    replaced = await asyncio.gather(*(server.endpoint(instead_of=first) for _ in range(5)))
    assert len(set(replaced)) == 1
    assert first not in replaced
    assert await server.endpoint(instead_of=first) == replaced[0], "replaced already, and once is enough"
    assert len(children.pids()) == 2


async def test_a_child_that_lives_but_refuses_connections_is_killed(
    children: Children, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "LAST_WORDS_SECONDS", 0.05)
    server = children.server(READY + FOR_EVER)
    first = await server.endpoint()
    assert await server.endpoint(instead_of=first) != first
    assert not exists(children.pids()[0])
    server_pid = server.pid
    assert server_pid is not None
    os.kill(server_pid, signal.SIGKILL)


async def test_a_failed_start_tells_the_status_and_the_last_words(children: Children) -> None:
    server = children.server("print('error: no such tensor', file=sys.stderr); sys.exit(3)")
    with pytest.raises(LocalModelUnavailable) as caught:
        await server.endpoint()
    assert caught.value.reason == ("The model did not start: its process ended with status 3: error: no such tensor")
    assert not exists(children.pids()[0])


async def test_a_processor_too_old_for_the_runtime_is_explained(children: Children) -> None:
    server = children.server("os.kill(os.getpid(), signal.SIGILL)")
    with pytest.raises(LocalModelUnavailable, match=r"SIGILL .*lacks instructions"):
        await server.endpoint()


@pytest.mark.parametrize("line", ["hello", "[]", '{"port": "high"}', "x" * 100_000])
async def test_a_child_that_says_nonsense_is_not_left_running(line: str, children: Children) -> None:
    server = children.server(f"print({line!r}, flush=True)\n" + UNTIL_THE_PARENT_LEAVES)
    with pytest.raises(LocalModelUnavailable, match="did not start"):
        await server.endpoint()
    assert not exists(children.pids()[0])


async def test_a_start_that_takes_too_long_is_given_up(children: Children) -> None:
    server = children.server(FOR_EVER, start_timeout=1.0)
    with pytest.raises(LocalModelUnavailable, match="not ready after 1 s"):
        await server.endpoint()
    assert not any(exists(pid) for pid in children.pids())


async def test_a_command_that_does_not_exist_is_a_clear_reason(tmp_path: Path, children: Children) -> None:
    weights = tmp_path / "model.gguf"
    server = LocalModelServer(weights=weights, command=[str(tmp_path / "no-such-program")])
    with pytest.raises(LocalModelUnavailable, match="could not be started"):
        await server.endpoint()


async def test_missing_weights_make_it_unavailable_with_a_reason(tmp_path: Path, children: Children) -> None:
    server = LocalModelServer(weights=tmp_path / "nowhere.gguf")
    assert not server.available()
    assert "nowhere.gguf" in (server.unavailable_reason() or "")
    with pytest.raises(LocalModelUnavailable, match=r"nowhere\.gguf"):
        await server.endpoint()
    await server.stop()


async def test_a_failure_in_the_background_is_logged_and_met_again_on_use(children: Children) -> None:
    server = children.server("sys.exit(3)")
    with structlog.testing.capture_logs() as logs:
        server.start_in_background()
        await until(lambda: bool(logs))
    assert logs[0]["event"] == "local_model.start_failed"
    assert "status 3" in logs[0]["reason"]
    with pytest.raises(LocalModelUnavailable):
        await server.endpoint()


async def test_stop_leaves_no_process_and_is_final(children: Children) -> None:
    server = children.server(GOOD)
    await server.endpoint()
    await asyncio.gather(server.stop(), server.stop())
    assert not exists(children.pids()[0])
    server.start_in_background()
    with pytest.raises(LocalModelUnavailable, match="stopping"):
        await server.endpoint()
    assert len(children.pids()) == 1


async def test_stop_during_a_start_ends_both(children: Children) -> None:
    server = children.server(UNTIL_THE_PARENT_LEAVES)
    caller = asyncio.create_task(server.endpoint())
    await until(lambda: len(children.pids()) == 1)
    await server.stop()
    with pytest.raises(LocalModelUnavailable, match="stopping"):
        await caller
    assert not exists(children.pids()[0])


async def test_a_child_that_will_not_leave_is_killed(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "STOP_GRACE_SECONDS", 0.1)
    server = children.server("signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + READY + FOR_EVER)
    await server.endpoint()
    await server.stop()
    assert not exists(children.pids()[0])


async def test_a_flood_on_stderr_neither_blocks_the_child_nor_is_kept(children: Children) -> None:
    flood = "for _ in range(200): os.write(2, b'x' * 65536)\n"
    await children.server(flood + GOOD).endpoint()
    with pytest.raises(LocalModelUnavailable) as caught:
        await children.server(flood + "os.write(2, b'the end')").endpoint()
    assert caught.value.reason.endswith("xxxthe end")
    assert len(caught.value.reason) < process.TAIL_BYTES + 100


async def test_last_words_that_are_not_text_are_shown_as_far_as_they_are(children: Children) -> None:
    with pytest.raises(LocalModelUnavailable, match="ended with status 1: broken \ufffd"):
        await children.server("os.write(2, b'broken \\xff'); sys.exit(1)").endpoint()


async def test_the_child_sees_none_of_the_servers_secrets(children: Children, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    monkeypatch.setenv("LLAMA_ARG_HOST", "0.0.0.0")
    with pytest.raises(LocalModelUnavailable) as caught:
        await children.server("print(sorted(os.environ.items()), file=sys.stderr); sys.exit(1)").endpoint()
    assert "('LC_ALL', 'C.UTF-8')" in caught.value.reason
    assert "hunter2" not in caught.value.reason
    assert "LLAMA_ARG_HOST" not in caught.value.reason


async def test_the_api_key_appears_neither_in_last_words_nor_in_a_repr(children: Children) -> None:
    with pytest.raises(LocalModelUnavailable) as caught:
        await children.server("sys.stderr.write(line); sys.exit(1)").endpoint()
    assert '"api_key": "***"' in caught.value.reason
    endpoint = await children.server(GOOD).endpoint()
    assert len(endpoint.api_key) > 40
    assert endpoint.api_key not in repr(endpoint)


@pytest.mark.parametrize("new_event_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_it_works_on_either_event_loop_and_blocks_none(
    new_event_loop: Callable[[], asyncio.AbstractEventLoop], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "RUNTIME_PACKAGE", "json")
    children = Children(tmp_path)

    async def life() -> None:
        server = children.server(GOOD)
        first = await server.endpoint()
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert await server.endpoint(instead_of=first) != first
        await server.stop()

    with blockbuster_ctx(), asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(life())
    assert len(children.pids()) == 2
    assert not any(exists(pid) for pid in children.pids())


def test_one_death_costs_no_wait_and_deaths_in_a_row_cost_more_and_more() -> None:
    backoff = Backoff()
    delays = [backoff.delay()]
    for _ in range(7):
        backoff.record_death(lived_seconds=1.0)
        delays.append(backoff.delay())
    assert delays == [0, 0, 0.5, 1, 2, 4, 5, 5]
    backoff.record_death(lived_seconds=3600.0)
    assert backoff.delay() == 0


async def test_a_crash_loop_does_not_spin(children: Children) -> None:
    server = children.server("sys.exit(3)")
    began = time.monotonic()
    for _ in range(3):
        with pytest.raises(LocalModelUnavailable):
            await server.endpoint()
    assert len(children.pids()) == 3
    assert time.monotonic() - began >= 0.5
