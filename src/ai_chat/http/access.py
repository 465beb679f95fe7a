"""Streams end when the right to read them ends: a blocked user, a session that was signed out, must not read on for as long
as an answer takes.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager, suppress
from typing import Protocol

from starlette.types import Scope, Send

_STATE = "access"
_LAST_SECONDS = 2.0


class Access(Protocol):
    """The right with which a request came in."""

    def watch(self, on_end: Callable[[], None]) -> AbstractContextManager[None]:
        """Inside of it, `on_end` is called once if the right ends."""


def remember_access(scope: Scope, access: Access) -> None:
    """Called by whoever finds out who asks; the stream that answers the request asks for it."""
    scope.setdefault("state", {})[_STATE] = access


async def while_allowed(scope: Scope, send: Send, stream: Callable[[], Awaitable[None]]) -> None:
    """Runs `stream`, whose answer has begun, to its end, or until the right to read it ends: then the answer ends too."""
    access: Access | None = scope.get("state", {}).get(_STATE)
    task = asyncio.current_task()
    if access is None or task is None:
        await stream()
        return
    taken_away = False

    def take_away() -> None:
        nonlocal taken_away
        taken_away = True
        task.cancel()

    with access.watch(take_away):
        try:
            await stream()
        except asyncio.CancelledError:
            if not taken_away or task.uncancel() > 0:
                raise
    if taken_away:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(
                _LAST_SECONDS
            ):  # a reader that takes nothing is left to the server to hang up on
                await send({"type": "http.response.body", "body": b"", "more_body": False})
