"""Group commit: what is asked for while the database works is done together when it is ready again.

Alone, a caller waits for nobody. When many come at once, each transaction serves all who came during the one before it, so
that a burst costs few transactions instead of many.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from ai_chat.kernel.errors import AppError

MOST_TOGETHER = 64

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batches(Generic[Item, Result]):
    """Hands what is asked for to `work`, which answers for each in turn: never two calls of it at once, and never one waits
    for more to come.
    """

    def __init__(
        self, work: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], most: int = MOST_TOGETHER
    ) -> None:
        self._work = work
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._working: asyncio.Task[None] | None = None

    async def do(self, item: Item) -> Result:
        """The item's own result or failure. It is done also where the caller has gone meanwhile."""
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._working is None:
            self._working = asyncio.create_task(self._do_all(), name="batches")
        return await future

    async def _do_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._do_together(batch)
        finally:
            self._working = None
            for _, future in self._waiting:  # broken off from outside
                future.cancel()
            self._waiting = []

    async def _do_together(self, batch: "Sequence[tuple[Item, asyncio.Future[Result]]]") -> None:
        futures = [future for _, future in batch]
        try:
            results = await self._work([item for item, _ in batch])
        except asyncio.CancelledError:
            for future in futures:
                future.cancel()
            raise
        except Exception as problem:  # noqa: BLE001 - whoever waits for it gets it
            if len(batch) > 1 and not isinstance(problem, AppError):
                for one in batch:  # the one that cannot be done must not keep the others from it
                    await self._do_together([one])
                return
            for future in futures:
                if not future.done():
                    future.set_exception(problem)
            return
        for future, result in zip(futures, results, strict=True):
            if not future.done():
                future.set_result(result)
