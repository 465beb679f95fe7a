"""Keeps the embedded model running: starts it when first needed, replaces it when it died, stops it with the server.

Every server worker has a supervisor and a child of its own. Nobody has to agree on a port or on who restarts whom, and
the price, 270 to 330 MB a worker, is paid only by workers that are asked for this model.
"""

import asyncio
import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from ai_chat.integrations.local_model.child import ChildConfig
from ai_chat.integrations.local_model.machine import LocalModelUnavailable, find_weights, model_threads
from ai_chat.integrations.local_model.process import ChildProcess
from ai_chat.integrations.local_model.profile import SMOLLM2, LocalModelProfile

# -P: a file named json.py in the folder the server was started from must not become part of the child.
CHILD_COMMAND = (sys.executable, "-P", "-m", "ai_chat.integrations.local_model.child")
START_TIMEOUT_SECONDS = 60.0
LAST_WORDS_SECONDS = 1.0

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the model answers, as any OpenAI-compatible provider does: `{base_url}/chat/completions`."""

    base_url: str
    api_key: str = field(repr=False)


@dataclass(slots=True)
class Backoff:
    """How long to wait before the next start. One death is an accident and costs no wait; deaths in a row are a loop.

    The wait is paid by the call that needs the model, so its longest is what a reader can be asked to wait.
    """

    first_seconds: float = 0.5
    longest_seconds: float = 5.0
    forgiven_after_seconds: float = 60.0
    deaths: int = 0

    def record_death(self, lived_seconds: float) -> None:
        self.deaths = 1 if lived_seconds >= self.forgiven_after_seconds else self.deaths + 1

    def delay(self) -> float:
        if self.deaths < 2:
            return 0.0
        return min(self.longest_seconds, self.first_seconds * 2.0 ** min(self.deaths - 2, 16))


@dataclass(frozen=True, slots=True)
class _Running:
    child: ChildProcess
    endpoint: Endpoint
    watch: asyncio.Task[None]


class LocalModelServer:
    """The embedded model as the rest of the server sees it: an endpoint that is there whenever it is asked for.

    Belongs to one event loop. After `stop` it stays stopped.
    """

    def __init__(
        self,
        profile: LocalModelProfile = SMOLLM2,
        *,
        weights: Path | None = None,
        command: Sequence[str] = CHILD_COMMAND,
        start_timeout: float = START_TIMEOUT_SECONDS,
    ) -> None:
        self.profile = profile
        self._given_weights = weights
        self._command = command
        self._start_timeout = start_timeout
        self._backoff = Backoff()
        self._found: Path | LocalModelUnavailable | None = None
        self._running: _Running | None = None
        self._starting: asyncio.Task[Endpoint] | None = None
        self._stopped = False

    def available(self) -> bool:
        """Say whether runtime and weights are installed. Looks at the disk once; nothing is loaded or started."""
        return self.unavailable_reason() is None

    def unavailable_reason(self) -> str | None:
        found = self._find()
        return found.reason if isinstance(found, LocalModelUnavailable) else None

    @property
    def pid(self) -> int | None:
        """The child's process id, for diagnostics; None while there is no child."""
        return self._running.child.pid if self._running else None

    async def endpoint(self, *, instead_of: Endpoint | None = None) -> Endpoint:
        """Return where the model answers, starting or replacing its process if need be.

        A caller whose connection was refused or reset before the answer began passes that endpoint as `instead_of` and
        gets another one: it learns of a death some milliseconds before the event loop does. The refused process has a
        second to be gone and is then killed, so do not pass it for an error the model *answered* with.

        Raises `LocalModelUnavailable`.
        """
        if instead_of is not None and self._running is not None and self._running.endpoint == instead_of:
            await self._retire(self._running)
        if self._stopped:
            raise LocalModelUnavailable("The server is stopping.")
        if self._running is not None and self._running.child.alive():
            return self._running.endpoint
        starting = self._begin()
        # Not awaited itself: a caller who gives up must not cancel the start that others wait for.
        await asyncio.wait({starting})
        if starting.cancelled():
            raise LocalModelUnavailable("The server is stopping.")
        return starting.result()

    def start_in_background(self) -> None:
        """Begin loading, so that the first question need not wait for it. A failure is logged, and met again on use."""
        if not self._stopped and self._running is None:
            self._begin()

    async def stop(self) -> None:
        """End the child, or its start, and return when the process is gone."""
        self._stopped = True
        if self._starting is not None:
            self._starting.cancel()
            await asyncio.wait({self._starting})
        if self._running is not None:
            running = self._running
            await running.child.stop()
            await asyncio.wait({running.watch})

    def _find(self) -> Path | LocalModelUnavailable:
        if self._found is None:
            try:
                self._found = find_weights(self._given_weights)
            except LocalModelUnavailable as unavailable:
                self._found = unavailable
        return self._found

    def _begin(self) -> asyncio.Task[Endpoint]:
        if self._starting is None:
            self._starting = asyncio.create_task(self._start(), name="local-model-start")
            self._starting.add_done_callback(self._started)
        return self._starting

    def _started(self, task: asyncio.Task[Endpoint]) -> None:
        self._starting = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.warning("local_model.start_failed", reason=str(error))

    async def _start(self) -> Endpoint:
        if self._running is not None:  # dead, but its death may not be recorded yet
            await asyncio.wait({self._running.watch})
        found = await asyncio.to_thread(self._find)
        if isinstance(found, LocalModelUnavailable):
            raise LocalModelUnavailable(found.reason)
        await asyncio.sleep(self._backoff.delay())
        began = time.monotonic()
        config = ChildConfig(
            weights=str(found),
            model_id=self.profile.id,
            api_key=secrets.token_urlsafe(32),
            pool_tokens=self.profile.pool_tokens,
            context_tokens=self.profile.context_tokens,
            answer_tokens=self.profile.answer_tokens,
            slots=self.profile.slots,
            threads=await asyncio.to_thread(model_threads),
        )
        try:
            child, port = await self._spawn(config)
        except LocalModelUnavailable:
            self._backoff.record_death(lived_seconds=0.0)
            raise
        endpoint = Endpoint(base_url=f"http://127.0.0.1:{port}/v1", api_key=config.api_key)
        watch = asyncio.create_task(self._watch(child), name="local-model-watch")
        self._running = _Running(child, endpoint, watch)
        log.info("local_model.started", pid=child.pid, port=port, seconds=round(time.monotonic() - began, 2))
        return endpoint

    async def _spawn(self, config: ChildConfig) -> tuple[ChildProcess, int]:
        child = await ChildProcess.spawn(self._command, config)
        try:
            async with asyncio.timeout(self._start_timeout):
                return child, await child.ready()
        except TimeoutError:
            child.kill()
            await child.exited()
            raise LocalModelUnavailable(
                f"The model was not ready after {self._start_timeout:g} s and was stopped; {child.obituary()}"
            ) from None
        except asyncio.CancelledError:
            await child.stop()
            raise

    async def _watch(self, child: ChildProcess) -> None:
        born = time.monotonic()
        await child.exited()
        self._running = None
        lived = time.monotonic() - born
        if child.stopping:
            log.info("local_model.stopped", pid=child.pid, lived_seconds=round(lived, 1))
            return
        self._backoff.record_death(lived)
        log.warning("local_model.died", pid=child.pid, lived_seconds=round(lived, 1), reason=child.obituary())

    async def _retire(self, running: _Running) -> None:
        """Wait for a child that refuses connections to finish dying, and help it if it does not."""
        await asyncio.wait({running.watch}, timeout=LAST_WORDS_SECONDS)
        if not running.watch.done():
            running.child.kill()
            await asyncio.wait({running.watch})
