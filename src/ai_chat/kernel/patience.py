"""How long to wait for somebody else, in time that this process lives through itself."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_STEPS = 8


@asynccontextmanager
async def patience(seconds: float) -> AsyncIterator[None]:
    """TimeoutError once `seconds` have passed, as from `asyncio.timeout`; but what passes while the event loop gets no turn
    counts as an eighth of them at most. After a burst that keeps it busy the clock says that time is up, though the answer
    has long been there to be read.
    """
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle
    async with asyncio.timeout(None) as timeout:

        def step(left: int) -> None:
            nonlocal timer
            if left:
                timer = loop.call_later(seconds / _STEPS, step, left - 1)
            else:
                timeout.reschedule(loop.time())

        step(_STEPS)
        try:
            yield
        finally:
            timer.cancel()
