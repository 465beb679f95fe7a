"""Tasks end for sure, also where a library has swallowed the cancellation."""

import asyncio

import pytest

from ai_chat.kernel import tasks
from ai_chat.kernel.tasks import cancel_all


async def swallowing(times: int) -> None:
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                raise


async def failing() -> None:
    raise ValueError


@pytest.mark.parametrize("times", [0, 1, 3])
async def test_a_task_that_did_not_hear_is_told_again(times: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.01)
    running = [
        asyncio.create_task(swallowing(times)),
        asyncio.create_task(failing()),
        asyncio.create_task(swallowing(0)),
    ]
    await asyncio.sleep(0)
    await cancel_all(running)
    assert all(task.done() for task in running)


async def test_a_task_that_cleans_up_is_left_to_it() -> None:
    cleaned = False

    async def careful() -> None:
        nonlocal cleaned
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.05)
            cleaned = True

    task = asyncio.create_task(careful())
    await asyncio.sleep(0)
    await cancel_all([task])
    assert cleaned


async def test_without_tasks_there_is_nothing_to_do() -> None:
    await cancel_all([])
