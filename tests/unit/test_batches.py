"""Group commit: what comes while the database works is done together, and each gets its own result."""

import asyncio
from collections.abc import Sequence

import pytest

from ai_chat.kernel.errors import AppError, ErrorCode
from ai_chat.storage.batches import Batches


class Slow:
    """Work that stands still until it is let go on, and remembers what was done together."""

    def __init__(self) -> None:
        self.together: list[list[int]] = []
        self.go_on = asyncio.Event()
        self.failure: Exception | None = None

    async def __call__(self, items: Sequence[int]) -> list[int]:
        self.together.append(list(items))
        await self.go_on.wait()
        if self.failure is not None and 13 in items:
            raise self.failure
        return [item * 2 for item in items]


async def ask(batches: Batches[int, int], *items: int) -> "list[asyncio.Task[int]]":
    tasks = [asyncio.create_task(batches.do(item)) for item in items]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_the_first_waits_for_nobody_and_those_after_it_go_together() -> None:
    work = Slow()
    batches = Batches(work, most=3)
    first = await ask(batches, 1)
    others = await ask(batches, 2, 3, 4, 5)
    work.go_on.set()
    assert await asyncio.gather(*first, *others) == [2, 4, 6, 8, 10]
    assert work.together == [[1], [2, 3, 4], [5]]
    assert await batches.do(6) == 12, "and again from the beginning"


async def test_one_that_cannot_be_done_keeps_nobody_else_from_it() -> None:
    work = Slow()
    work.failure = ValueError("unlucky")
    batches = Batches(work)
    first = await ask(batches, 1)
    others = await ask(batches, 12, 13, 14)
    work.go_on.set()
    outcomes = await asyncio.gather(*first, *others, return_exceptions=True)
    assert outcomes == [2, 24, work.failure, 28]


async def test_a_database_that_is_away_is_not_asked_for_each_of_them() -> None:
    work = Slow()
    work.failure = AppError(ErrorCode.SERVICE_UNAVAILABLE)
    batches = Batches(work)
    asked = [*await ask(batches, 1), *await ask(batches, 13, 14)]
    work.go_on.set()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert outcomes == [2, work.failure, work.failure]
    assert work.together == [[1], [13, 14]]


async def test_what_was_asked_for_is_done_when_its_caller_has_gone() -> None:
    work = Slow()
    batches = Batches(work)
    gone, stays = await ask(batches, 1, 2)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    work.go_on.set()
    assert await stays == 4
    assert [item for batch in work.together for item in batch] == [1, 2]
