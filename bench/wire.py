"""What mock and load generator agree on: models that name their speed, and tokens that carry the time they were sent."""

import re
import time
from dataclasses import dataclass

STAMP = re.compile(rb"~(\d{8}) ")
STAMP_LENGTH = 10
_WRAP = 100_000_000
"""Microseconds after which a stamp begins again: more than any delay."""

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
    b"Transfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
)


def now_us() -> int:
    """Microseconds of a clock that all processes of this machine share."""
    return time.monotonic_ns() // 1000 % _WRAP


def stamp() -> bytes:
    """A token that says when it was sent: as long as a short word, a blank behind it."""
    return b"~%08d " % now_us()


def delay_us(now: int, sent: bytes) -> int:
    return (now - int(sent)) % _WRAP


@dataclass(frozen=True)
class Speed:
    """`bench/50x500`: 50 tokens a second, 500 tokens; `bench/0x1000`: 1,000 tokens at once."""

    rate: int
    tokens: int

    @classmethod
    def of(cls, model: str) -> "Speed":
        rate, _, tokens = model.removeprefix("bench/").partition("x")
        return cls(int(rate), int(tokens))

    @property
    def model(self) -> str:
        return f"bench/{self.rate}x{self.tokens}"

    @property
    def seconds(self) -> float:
        return self.tokens / self.rate if self.rate else 0.0


class Chunks:
    """OpenRouter's bytes for one model, in the chunks of HTTP/1.1, made once."""

    def __init__(self, speed: Speed) -> None:
        head = (
            f'{{"id":"gen-1790000000-benchbenchbenchbench","object":"chat.completion.chunk","created":1790000000,'
            f'"model":"{speed.model}","provider":"Mock","choices":[{{"index":0,"delta":{{"content":"'
        )
        tail = '","role":"assistant"},"finish_reason":%s,"native_finish_reason":%s}]%s}'
        before, after = f"data: {head}".encode(), (tail % ("null", "null", "") + "\n\n").encode()
        size = len(before) + STAMP_LENGTH + len(after)
        self._before = b"%x\r\n%b" % (size, before)
        self._after = after + b"\r\n"
        usage = (
            f',"usage":{{"prompt_tokens":12,"completion_tokens":{speed.tokens},"total_tokens":{speed.tokens + 12},'
            f'"cost":0,"is_byok":false}}'
        )
        stop = tail % ('"stop"', '"stop"', "")
        last = tail % ("null", "null", usage)
        self.begin = HEAD + _chunk(b": OPENROUTER PROCESSING\n\n")
        self.end = _chunk(f"data: {head}{stop}\n\ndata: {head}{last}\n\ndata: [DONE]\n\n".encode()) + b"0\r\n\r\n"

    def token(self) -> bytes:
        return self._before + stamp() + self._after


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)
