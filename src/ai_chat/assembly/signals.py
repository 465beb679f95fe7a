"""What the settings choose of the twins in process and in Redis."""

import asyncio
import socket
from contextlib import AsyncExitStack

import structlog

from ai_chat.assembly.background import in_background
from ai_chat.features.accounts.live import UserFeeds
from ai_chat.features.chats.reaper import Presence
from ai_chat.http.metrics import MetricsAccess
from ai_chat.kernel.exposition import SHARE_SECONDS, SharedNumbers, process_id
from ai_chat.relay.mirror import FrameStreams
from ai_chat.settings import Settings
from ai_chat.signals.frame_streams import MemoryFrameStreams
from ai_chat.signals.presence import MemoryPresence
from ai_chat.signals.rate_limiter import MemoryRateLimiter, RateLimiter, RedisRateLimiter
from ai_chat.signals.user_feeds import MemoryUserFeeds

log = structlog.get_logger()


def rate_limiter(settings: Settings, stack: AsyncExitStack) -> RateLimiter | None:
    """Counts what is tried in vain; None where the operator has lifted that limit."""
    if settings.auth_throttle == "off":
        return None
    if settings.redis_url is None:
        return MemoryRateLimiter()
    shared = RedisRateLimiter(settings.redis_url.get_secret_value())
    stack.push_async_callback(shared.close)
    return shared


def frame_streams(settings: Settings) -> FrameStreams:
    if settings.redis_url is None:
        return MemoryFrameStreams()
    from ai_chat.signals.redis_streams import RedisFrameStreams  # noqa: PLC0415 - Redis' client weighs 18 MB

    return RedisFrameStreams(settings.redis_url.get_secret_value())


def user_feeds(settings: Settings) -> UserFeeds:
    if settings.redis_url is None:
        return MemoryUserFeeds()
    from ai_chat.signals.redis_feeds import RedisUserFeeds  # noqa: PLC0415 - Redis' client weighs 18 MB

    return RedisUserFeeds(settings.redis_url.get_secret_value())


def presence_of(settings: Settings, worker: str) -> Presence:
    if settings.redis_url is None:
        return MemoryPresence()
    from ai_chat.signals.redis_presence import RedisPresence  # noqa: PLC0415 - Redis' client weighs 18 MB

    return RedisPresence(settings.redis_url.get_secret_value(), worker)


def metrics_access(settings: Settings, stack: AsyncExitStack, workers: int) -> MetricsAccess:
    shared = None
    if workers > 1:
        shared = SharedNumbers(settings.data_dir / "metrics" / socket.gethostname()[:60], process_id())
        stack.callback(shared.forget)
        in_background(stack, "metrics", _share_numbers(shared))
    token = settings.metrics_token.get_secret_value() if settings.metrics_token is not None else None
    return MetricsAccess(token, local=not settings.is_production, shared=shared)


async def _share_numbers(shared: SharedNumbers) -> None:
    while True:
        try:
            await asyncio.to_thread(shared.share)
        except OSError as problem:
            log.warning("metrics cannot be shared with other workers", reason=repr(problem))
        await asyncio.sleep(SHARE_SECONDS)
