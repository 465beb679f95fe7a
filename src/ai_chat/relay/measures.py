"""What is counted of generations. Once for each generation and each checkpoint, never for a token."""

import time

import structlog

from ai_chat.kernel.metrics import counter, gauge, histogram
from ai_chat.relay.generation import Ending

ACTIVE = gauge("ai_chat_generations_active", "Answers that are being written.")
ENDED = counter("ai_chat_generations_total", "Answers that ended, by how.", "status")
FAILED = counter("ai_chat_generation_failures_total", "Answers that failed or were interrupted, by error code.", "code")
TOKENS = counter("ai_chat_tokens_total", "Tokens of answers that ended.", "kind")
COST = counter("ai_chat_upstream_cost_usd_total", "What answers cost, in US dollars, as far as it is known.")
FIRST_TOKEN = histogram(
    "ai_chat_time_to_first_token_seconds",
    "From the start of an answer to its first piece.",
    buckets=(0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120),
)
SPEED = histogram(
    "ai_chat_tokens_per_second",
    "How fast an answer was written, from its first piece to its end.",
    buckets=(1, 5, 10, 20, 40, 80, 160, 320, 640, 1280),
)
CHECKPOINT = histogram(
    "ai_chat_checkpoint_seconds",
    "How long saving all running texts took.",
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CHECKPOINT_FAILURES = counter("ai_chat_checkpoint_failures_total", "Checkpoints that could not be saved.")

log = structlog.get_logger()


def count_end(ending: Ending, started: float | None = None, first: float | None = None) -> None:
    """An answer ended. Of one that a dead worker left nobody knows when it began."""
    ENDED.add(1, ending.status)
    if ending.failure is not None:
        FAILED.add(1, ending.failure.code.value)
    TOKENS.add(ending.prompt_tokens, "prompt")
    TOKENS.add(ending.completion_tokens, "completion")
    if ending.cost_usd is not None:
        COST.add(max(float(ending.cost_usd), 0.0))
    now = time.monotonic()
    if started is not None and first is not None:
        FIRST_TOKEN.observe(first - started)
        if ending.completion_tokens > 1 and now > first:
            SPEED.observe(ending.completion_tokens / (now - first))
    log.info(
        "answer ended",
        generation=str(ending.generation_id),
        chat=str(ending.chat_id),
        user=str(ending.user_id),
        status=ending.status,
        code=ending.failure.code.value if ending.failure is not None else None,
        tokens=ending.tokens_used,
        seconds=round(now - started, 3) if started is not None else None,
        answer=ending.answer_id,
    )
