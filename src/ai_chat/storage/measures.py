"""How long transactions take, whichever database it is: waiting for a connection or for the one writer included."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from ai_chat.kernel.metrics import histogram

_SECONDS = histogram(
    "ai_chat_database_seconds",
    "How long transactions took, waiting included.",
    "kind",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


@contextmanager
def measured(kind: Literal["read", "write"]) -> Iterator[None]:
    began = time.perf_counter()
    try:
        yield
    finally:
        _SECONDS.observe(time.perf_counter() - began, kind)
