"""The load generator: raw clients that count what they get and how old it is. A process of its own, one job after another.

python -m bench.load     reads jobs as lines of JSON, writes outcomes as lines of JSON, ends with its standard input
"""

import asyncio
import json
import sys
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import cast

import httptools
import uvloop

from bench.wire import STAMP, STAMP_LENGTH, delay_us, now_us


@dataclass(frozen=True)
class Job:
    """`requests` are whole HTTP requests, sent evenly over `spread` seconds, each on a connection of its own."""

    port: int
    requests: list[str]
    tokens: int
    spread: float
    timeout: float


@dataclass(frozen=True)
class Spread:
    """How a measured time is distributed, in milliseconds."""

    p50: float
    p99: float
    worst: float

    @classmethod
    def of(cls, microseconds: Sequence[int]) -> "Spread":
        if not microseconds:
            return cls(0.0, 0.0, 0.0)
        ordered = sorted(microseconds)
        last = len(ordered) - 1
        return cls(*(round(ordered[int(last * part)] / 1000, 1) for part in (0.5, 0.99, 1.0)))


@dataclass
class Outcome:
    """What all clients of a job got."""

    streams: int
    whole: int
    tokens: int
    frames: int
    bytes: int
    seconds: float
    delay: Spread
    first_frame: Spread
    first_token: Spread
    failures: dict[str, int] = field(default_factory=dict)


class Client(asyncio.Protocol):
    """One reader of one answer."""

    def __init__(self, run: "Run", request: bytes) -> None:
        self._run = run
        self._request = request
        self._began = now_us()
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport
        self._tail = b""
        self._ended = False
        self._tokens = 0
        self._seen_frame = False
        self.problem = ""
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._run.bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as problem:
            self._leave(f"bad HTTP: {problem}")

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended:
            self._leave(f"connection lost: {exc}" if exc else "connection closed early")

    def on_body(self, body: bytes) -> None:
        now, run = now_us(), self._run
        if not self._seen_frame:
            self._seen_frame = True
            run.first_frame.append(delay_us(now, b"%d" % self._began))
        run.frames += body.count(b"data: ")
        if self._tail:
            body = self._tail + body
        stamps = STAMP.findall(body)
        if stamps:
            if not self._tokens:
                run.first_token.append(delay_us(now, b"%d" % self._began))
            self._tokens += len(stamps)
            run.delays.extend([delay_us(now, sent) for sent in stamps])
        cut = body.rfind(b"~")
        self._tail = body[cut:] if cut > len(body) - STAMP_LENGTH else b""

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        run = self._run
        if status != 200:
            self._leave(f"status {status}")
        elif self._tokens != run.job.tokens:
            self._leave("tokens missing" if self._tokens < run.job.tokens else "tokens repeated")
        else:
            run.whole += 1
            self._leave("")

    def give_up(self) -> None:
        if not self._ended:
            self._leave("timed out")

    def _leave(self, problem: str) -> None:
        self._ended = True
        self.problem = problem
        self._run.tokens += self._tokens
        self._transport.close()
        if not self.closed.done():
            self.closed.set_result(None)


class Run:
    """One job and its counters."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.whole = self.tokens = self.frames = self.bytes = 0
        self.delays = array("l")
        self.first_frame = array("l")
        self.first_token = array("l")
        self._failures: Counter[str] = Counter()

    async def outcome(self) -> Outcome:
        loop = asyncio.get_running_loop()
        began = loop.time()
        count = len(self.job.requests)
        clients = [
            loop.create_task(self._client(request.encode(), began + self.job.spread * index / count))
            for index, request in enumerate(self.job.requests)
        ]
        await asyncio.gather(*clients)
        return Outcome(
            streams=count,
            whole=self.whole,
            tokens=self.tokens,
            frames=self.frames,
            bytes=self.bytes,
            seconds=round(loop.time() - began, 3),
            delay=Spread.of(self.delays),
            first_frame=Spread.of(self.first_frame),
            first_token=Spread.of(self.first_token),
            failures=dict(self._failures),
        )

    async def _client(self, request: bytes, at: float) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(at - loop.time())
        try:
            _, client = await loop.create_connection(lambda: Client(self, request), "127.0.0.1", self.job.port)
        except OSError as problem:
            self._failures[f"cannot connect: {problem.strerror}"] += 1
            return
        give_up = loop.call_later(self.job.timeout, client.give_up)
        await client.closed
        give_up.cancel()
        if client.problem:
            self._failures[client.problem] += 1


def _main() -> None:
    for line in sys.stdin:
        outcome = uvloop.run(Run(Job(**json.loads(line))).outcome())
        sys.stdout.write(json.dumps(asdict(outcome)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _main()
