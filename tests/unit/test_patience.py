"""Patience ends like a timeout, but not because this process was asleep."""

import asyncio
import socket
import time

import pytest

from ai_chat.kernel.patience import patience


async def test_it_ends() -> None:
    with pytest.raises(TimeoutError):
        async with patience(0.05):
            await asyncio.Event().wait()


async def test_what_comes_in_time_is_not_disturbed_later() -> None:
    async with patience(0.05):
        await asyncio.sleep(0)
    await asyncio.sleep(0.1)


async def test_an_answer_that_came_while_the_process_slept_is_read() -> None:
    ours, theirs = socket.socketpair()
    reader, writer = await asyncio.open_connection(sock=ours)
    async with patience(0.4):
        theirs.send(b"x")
        asyncio.get_running_loop().call_soon(time.sleep, 0.6)
        assert await reader.read(1) == b"x"
    writer.close()
    theirs.close()


async def test_a_cancellation_is_one() -> None:
    async def waiting() -> None:
        async with patience(5):
            await asyncio.Event().wait()

    task = asyncio.create_task(waiting())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
