"""Slows down guessing of passwords: failed sign-ins are counted by address and by IP."""

from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Protocol

from ai_chat.kernel.errors import ErrorCode, LimitReached
from ai_chat.signals.rate_limiter import Limit, RateLimiter

BY_ADDRESS = Limit(amount=10, seconds=15 * 60)
BY_IP = Limit(amount=100, seconds=15 * 60)


class SignInThrottle(Protocol):
    """Asked before each attempt and told how it ended."""

    async def admit(self, email: str, ip: str) -> None:
        """TOO_MANY_ATTEMPTS where too many have failed."""

    async def failed(self, ip: str) -> None: ...

    async def succeeded(self, email: str) -> None: ...


class CountingThrottle:
    """An attempt is counted for its address before the password is checked, so that many at once cannot slip through, and
    forgotten when one succeeds.
    """

    def __init__(self, limiter: RateLimiter) -> None:
        self._limiter = limiter

    async def admit(self, email: str, ip: str) -> None:
        if not await self._limiter.is_open(BY_IP, _source(ip)):
            raise await self._refusal(BY_IP, _source(ip))
        if not await self._limiter.hit(BY_ADDRESS, f"address:{email}"):
            raise await self._refusal(BY_ADDRESS, f"address:{email}")

    async def failed(self, ip: str) -> None:
        await self._limiter.hit(BY_IP, _source(ip))

    async def succeeded(self, email: str) -> None:
        await self._limiter.clear(BY_ADDRESS, f"address:{email}")

    async def _refusal(self, limit: Limit, key: str) -> LimitReached:
        resets_at = await self._limiter.resets_at(limit, key)
        return LimitReached(
            ErrorCode.TOO_MANY_ATTEMPTS,
            limit=limit.amount,
            used=limit.amount,
            resets_at=resets_at,
            now=datetime.now(UTC),  # the limiter counts in real time, whatever the product's clock says
        )


class NoThrottle:
    """AUTH_THROTTLE=off, for load tests."""

    async def admit(self, email: str, ip: str) -> None:
        """Everybody may try."""

    async def failed(self, ip: str) -> None:
        """Nothing is counted."""

    async def succeeded(self, email: str) -> None:
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
