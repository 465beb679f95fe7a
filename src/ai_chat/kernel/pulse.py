"""The process watches itself: how late its event loop is, what it has used. Part of what /metrics tells."""

import asyncio
import os
import resource
import time
from pathlib import Path

from ai_chat.kernel.metrics import gauge, histogram

_LOOK_SECONDS = 0.5
_LAG = histogram(
    "ai_chat_event_loop_lag_seconds",
    "How much later than wished the event loop came to its work.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
_CPU = gauge("ai_chat_process_cpu_seconds", "Processor time used by this process.")
_MEMORY = gauge("ai_chat_process_memory_bytes", "Memory of this process (where the system does not say: at its most).")
_STARTED = gauge("ai_chat_process_start_time_seconds", "When this process started, in seconds since 1970.")


async def watch() -> None:
    """A task of the application's."""
    _STARTED.set(time.time())
    while True:
        wished = time.perf_counter() + _LOOK_SECONDS
        await asyncio.sleep(_LOOK_SECONDS)
        _LAG.observe(max(0.0, time.perf_counter() - wished))
        _CPU.set(time.process_time())
        _MEMORY.set(_memory())


def _memory() -> float:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
