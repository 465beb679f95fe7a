"""The real model in its real child process: it answers, it is private, and no way of dying leaves it behind."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec
import pytest

from ai_chat.integrations.local_model.machine import LocalModelUnavailable
from ai_chat.integrations.local_model.profile import SMOLLM2
from ai_chat.integrations.local_model.supervisor import Endpoint, LocalModelServer

pytestmark = [pytest.mark.local_model, pytest.mark.timeout(120)]


class Delta(msgspec.Struct):
    content: str | None = None


class Choice(msgspec.Struct):
    delta: Delta = msgspec.field(default_factory=Delta)
    finish_reason: str | None = None


class Progress(msgspec.Struct):
    total: int
    processed: int


class Chunk(msgspec.Struct):
    choices: list[Choice] = []
    prompt_progress: Progress | None = None


class Slot(msgspec.Struct):
    is_processing: bool
    n_ctx: int


class Client:
    """As much of a client as the questions below need."""

    def __init__(self, session: aiohttp.ClientSession, endpoint: Endpoint) -> None:
        self._session = session
        self.endpoint = endpoint

    def complete(
        self, question: str, *, max_tokens: int = 64, ignore_eos: bool = False, api_key: str | None = None
    ) -> "aiohttp.client._RequestContextManager":
        body = {
            "model": SMOLLM2.id,
            "stream": True,
            "temperature": SMOLLM2.temperature,
            "top_p": SMOLLM2.top_p,
            "seed": 7,
            "max_tokens": max_tokens,
            "ignore_eos": ignore_eos,
            "messages": [
                {"role": "system", "content": SMOLLM2.system_prompt},
                {"role": "user", "content": question},
            ],
            **SMOLLM2.request_fields,
        }
        return self._session.post(
            f"{self.endpoint.base_url}/chat/completions",
            json=body,
            headers={"Authorization": f"Bearer {self.endpoint.api_key if api_key is None else api_key}"},
        )

    async def ask(self, question: str) -> tuple[str, str | None]:
        text, finish_reason = "", None
        async with self.complete(question) as response:
            assert response.status == 200
            async for chunk in chunks(response):
                for choice in chunk.choices:
                    text += choice.delta.content or ""
                    finish_reason = choice.finish_reason or finish_reason
        return text, finish_reason

    async def slots(self) -> list[Slot]:
        url = self.endpoint.base_url.removesuffix("/v1") + "/slots"
        async with self._session.get(url, headers={"Authorization": f"Bearer {self.endpoint.api_key}"}) as response:
            return msgspec.json.decode(await response.read(), type=list[Slot])

    async def busy(self) -> bool:
        return any(slot.is_processing for slot in await self.slots())


async def chunks(response: aiohttp.ClientResponse) -> AsyncIterator[Chunk]:
    async for line in response.content:
        if line.startswith(b"data: {"):
            yield msgspec.json.decode(line.removeprefix(b"data: "), type=Chunk)


@pytest.fixture
async def server() -> AsyncIterator[LocalModelServer]:
    server = LocalModelServer()
    if (reason := server.unavailable_reason()) is not None:
        pytest.skip(reason)
    yield server
    await server.stop()


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    # The child closes its side after a stream now and then; a kept connection would fail the next request.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True)) as session:
        yield session


@pytest.fixture
async def client(server: LocalModelServer, session: aiohttp.ClientSession) -> Client:
    return Client(session, await server.endpoint())


def runs(pid: int) -> bool:
    """A process that nobody reaps, because its parent died in a container without an init, does not run either."""
    try:
        os.kill(pid, 0)
        stat = Path(f"/proc/{pid}/stat")  # only Linux has it
        return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except (ProcessLookupError, FileNotFoundError):
        return False


async def slots_are_free(client: Client) -> None:
    async with asyncio.timeout(5):
        while await client.busy():
            await asyncio.sleep(0.01)


async def test_it_knows_the_capital_of_france(client: Client) -> None:
    text, finish_reason = await client.ask("What is the capital of France?")
    assert "Paris" in text
    assert finish_reason == "stop"


async def test_it_answers_two_readers_at_once(client: Client) -> None:
    answers = await asyncio.gather(
        client.ask("What is the capital of France?"), client.ask("What is the capital of Germany?")
    )
    assert "Paris" in answers[0][0]
    assert "Berlin" in answers[1][0]


@pytest.mark.parametrize("api_key", ["wrong", ""])
async def test_without_the_key_nobody_gets_an_answer(api_key: str, client: Client) -> None:
    async with client.complete("Hello", api_key=api_key) as response:
        assert response.status == 401


async def test_it_listens_to_this_computer_only_and_hides_its_key(server: LocalModelServer) -> None:
    endpoint = await server.endpoint()
    assert endpoint.base_url.startswith("http://127.0.0.1:")
    process = await asyncio.create_subprocess_exec("ps", "-e", "-ww", "-o", "args", stdout=asyncio.subprocess.PIPE)
    listing, _ = await process.communicate()
    assert b"local_model.child" in listing
    assert endpoint.api_key.encode() not in listing


async def test_each_request_gets_its_share_of_the_context_and_no_more(client: Client) -> None:
    assert [slot.n_ctx for slot in await client.slots()] == [SMOLLM2.context_tokens] * SMOLLM2.slots
    async with client.complete("word " * (SMOLLM2.context_tokens + 100)) as response:
        assert response.status == 400
        assert "exceed_context_size_error" in await response.text()


async def test_a_reader_who_leaves_during_the_answer_frees_the_slot(client: Client) -> None:
    async with client.complete("Tell me a story.", max_tokens=2000, ignore_eos=True) as response:
        async for chunk in chunks(response):
            if any(choice.delta.content for choice in chunk.choices):
                break
        assert await client.busy()
    await slots_are_free(client)  # 2,000 tokens take three times as long


async def test_a_reader_who_leaves_while_the_prompt_is_read_frees_the_slot(client: Client) -> None:
    async with client.complete("word " * 2200) as response:
        progress = [chunk.prompt_progress async for chunk in first(chunks(response), 2)]
        assert await client.busy()
    assert all(report is not None and report.processed < report.total for report in progress)
    await slots_are_free(client)  # the rest of the prompt takes twice as long


async def first(source: AsyncIterator[Chunk], count: int) -> AsyncIterator[Chunk]:
    async for chunk in source:
        yield chunk
        count -= 1
        if count == 0:
            return


async def test_concurrent_first_calls_start_one_child(server: LocalModelServer) -> None:
    endpoints = await asyncio.gather(*(server.endpoint() for _ in range(8)))
    assert len(set(endpoints)) == 1


async def test_a_killed_child_is_replaced_and_answers(server: LocalModelServer, session: aiohttp.ClientSession) -> None:
    first = await server.endpoint()
    killed = server.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    second = await server.endpoint(instead_of=first)
    assert server.pid != killed
    assert "Paris" in (await Client(session, second).ask("What is the capital of France?"))[0]


async def test_a_signal_to_the_whole_group_does_not_take_the_model_from_answers_that_run(
    server: LocalModelServer, client: Client
) -> None:
    assert server.pid is not None
    os.kill(server.pid, signal.SIGINT)
    os.kill(server.pid, signal.SIGTERM)
    assert "Paris" in (await client.ask("What is the capital of France?"))[0]


async def test_stop_ends_the_process_at_once_even_in_the_middle_of_an_answer(
    server: LocalModelServer, client: Client
) -> None:
    pid = server.pid
    assert pid is not None
    async with client.complete("Tell me a story.", max_tokens=2000, ignore_eos=True) as response:
        await anext(chunks(response))
        began = time.monotonic()
        await server.stop()
        assert time.monotonic() - began < 1.5, "it left by itself; killed, it would have taken two seconds"
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_unreadable_weights_are_told_in_the_runtimes_words(tmp_path_factory: pytest.TempPathFactory) -> None:
    weights = tmp_path_factory.mktemp("weights") / "broken.gguf"
    weights.write_bytes(b"GGUF" + bytes(1000))
    server = LocalModelServer(weights=weights)
    try:
        with pytest.raises(
            LocalModelUnavailable, match=r"(?s)did not start: its process ended with status 1: .*broken\.gguf"
        ):
            await server.endpoint()
    finally:
        await server.stop()


PARENT = """
import asyncio
from ai_chat.integrations.local_model.supervisor import LocalModelServer

async def main():
    server = LocalModelServer()
    await server.endpoint()
    print(server.pid, flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


async def test_a_parent_killed_with_9_leaves_no_child_behind(server: LocalModelServer) -> None:
    parent = await asyncio.create_subprocess_exec(sys.executable, "-c", PARENT, stdout=asyncio.subprocess.PIPE)
    assert parent.stdout is not None
    output = b""
    while not output.strip().isdigit():  # the log goes to stdout as well
        output = await parent.stdout.readline()
        assert output, "the parent ended"
    child = int(output)
    assert runs(child)
    parent.kill()
    await parent.wait()
    async with asyncio.timeout(5):
        while runs(child):
            await asyncio.sleep(0.01)
