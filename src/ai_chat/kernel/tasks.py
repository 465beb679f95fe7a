"""Ending tasks for sure: a library may swallow a cancellation that arrives together with what it was waiting for."""

import asyncio
from collections.abc import Collection

AGAIN_SECONDS = 5.0
"""A task that was cancelled and still runs after so long, its own clean-up included, has not heard it and is told again."""


async def cancel_all(tasks: Collection["asyncio.Task[None]"]) -> None:
    """Returns when all have ended, however they did."""
    running = {task for task in tasks if not task.done()}
    while running:
        for task in running:
            task.cancel()
        _, running = await asyncio.wait(running, timeout=AGAIN_SECONDS)
    await asyncio.gather(*tasks, return_exceptions=True)
