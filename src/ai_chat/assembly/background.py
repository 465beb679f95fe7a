"""Work beside the requests: it begins with the product and is cancelled with it."""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack

from ai_chat.kernel.tasks import cancel_all


def in_background(stack: AsyncExitStack, name: str, work: Coroutine[object, object, None]) -> None:
    stack.push_async_callback(cancel_all, [asyncio.create_task(work, name=name)])
