"""Slows down guessing of passwords: failed sign-ins are counted by address and by source (an IP, more or less).

A few failures shut out only the source that made them: a stranger cannot lock somebody else's account with ten wrong
passwords. An address as a whole closes only after so many failures as guessing from many sources needs.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol
from weakref import WeakValueDictionary

from ai_chat.kernel.errors import ErrorCode, LimitReached
from ai_chat.signals.rate_limiter import Limit, RateLimiter

BY_ADDRESS_AND_SOURCE = Limit(amount=10, seconds=15 * 60)
BY_ADDRESS = Limit(amount=100, seconds=15 * 60)
BY_SOURCE = Limit(amount=100, seconds=15 * 60)
_SOON = timedelta(seconds=5)
"""When to try again where only attempts under way are in the way."""


class Attempt(Protocol):
    """One attempt under way; told how it ended."""

    async def failed(self) -> None:
        """The password was wrong, or nobody's."""

    async def succeeded(self) -> None:
        """It was the right one."""


class SignInThrottle(Protocol):
    """Every attempt to sign in is made inside of `attempt`."""

    def attempt(self, email: str, ip: str) -> AbstractAsyncContextManager[Attempt]:
        """TOO_MANY_ATTEMPTS where too many have failed, or would have if all that are under way did."""


class _Door:
    """One key's attempts under way in this process. Its lock makes looking and entering, failing and leaving, one step."""

    def __init__(self) -> None:
        self.under_way = 0
        self.lock = asyncio.Lock()


class _Passage:
    """One attempt that has entered a door, and leaves it once: by failing, which is counted, or in any other way."""

    def __init__(self, limiter: RateLimiter, limit: Limit, key: str, door: _Door) -> None:
        self._limiter, self._limit, self._key, self._door = limiter, limit, key, door
        self._inside = True
        door.under_way += 1

    async def fail(self) -> None:
        async with self._door.lock:
            await self._limiter.hit(self._limit, self._key)
            self.leave()

    def leave(self) -> None:
        if self._inside:
            self._door.under_way -= 1
        self._inside = False


class CountingThrottle:
    """For a source and for an address the failures count, and beside them the attempts under way, so that many at once
    cannot slip through. For the two together an attempt is counted before the password is checked (by all workers, in one
    step), and forgotten when one succeeds.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter
        self._doors: WeakValueDictionary[str, _Door] = WeakValueDictionary()

    @asynccontextmanager
    async def attempt(self, email: str, ip: str) -> AsyncIterator[Attempt]:
        source, address = _source(ip), f"address:{email}"
        both = f"{source} {address}"
        async with (
            self._passage(BY_SOURCE, source) as by_source,
            self._passage(BY_ADDRESS, address, both) as by_address,
        ):
            yield _Counted(self._limiter, (by_source, by_address), both)

    @asynccontextmanager
    async def _passage(self, limit: Limit, key: str, both: str | None = None) -> AsyncIterator[_Passage]:
        door = self._doors.setdefault(key, _Door())  # it lasts as long as an attempt holds it
        async with door.lock:
            if not await self._limiter.is_open(limit, key, door.under_way + 1):
                raise await self._refusal(limit, key)
            # Before it counts as under way: what one source may not try must not take the places of others.
            if both is not None and not await self._limiter.hit(BY_ADDRESS_AND_SOURCE, both):
                raise await self._refusal(BY_ADDRESS_AND_SOURCE, both)
            passage = _Passage(self._limiter, limit, key, door)
        try:
            yield passage
        finally:
            passage.leave()

    async def _refusal(self, limit: Limit, key: str) -> LimitReached:
        now = datetime.now(UTC)  # the limiter counts in real time, whatever the product's clock says
        full = not await self._limiter.is_open(limit, key)
        return LimitReached(
            ErrorCode.TOO_MANY_ATTEMPTS,
            limit=limit.amount,
            used=limit.amount,
            resets_at=await self._limiter.resets_at(limit, key) if full else now + _SOON,
            now=now,
        )


class _Counted:
    """An attempt that CountingThrottle has admitted."""

    def __init__(self, limiter: RateLimiter, passages: tuple[_Passage, ...], both: str) -> None:
        self._limiter, self._passages, self._both = limiter, passages, both

    async def failed(self) -> None:
        for passage in self._passages:
            await passage.fail()

    async def succeeded(self) -> None:
        await self._limiter.clear(BY_ADDRESS_AND_SOURCE, self._both)


class NoThrottle:
    """AUTH_THROTTLE=off, for load tests."""

    @asynccontextmanager
    async def attempt(self, email: str, ip: str) -> AsyncIterator[Attempt]:
        """Everybody may try."""
        yield _Uncounted()


class _Uncounted:
    async def failed(self) -> None:
        """Nothing is counted."""

    async def succeeded(self) -> None:
        """Nothing was counted."""


def _source(ip: str) -> str:
    """Who counts as one: an IPv4 address, or the /64 that an IPv6 customer gets whole."""
    try:
        address = ip_address(_without_port(ip))
    except ValueError:
        return f"ip:{ip}"
    if isinstance(address, IPv6Address):
        return f"ip:{address.ipv4_mapped or ip_network((address, 64), strict=False)}"
    return f"ip:{address}"


def _without_port(text: str) -> str:
    """Some proxies write `192.0.2.1:5000` or `[2001:db8::1]:5000`, and a port is another one for each connection."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    host, _colon, port = text.partition(":")
    return text if ":" in port else host
