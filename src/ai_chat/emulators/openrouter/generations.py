"""What was generated and what it cost: the record behind GET /generation and the only place that computes a cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Literal

from ai_chat.emulators.json_values import Json, JsonObject
from ai_chat.emulators.openrouter.accounts import WEB_SEARCH_PRICE, Accounts, Key
from ai_chat.emulators.openrouter.answers import Answer
from ai_chat.emulators.openrouter.catalogue import Model
from ai_chat.emulators.openrouter.failures import api_failure
from ai_chat.emulators.openrouter.knobs import Knobs
from ai_chat.emulators.openrouter.shapes import as_number

#: done = told to the end; failed = an error finish; broken = upstream stopped midway; cancelled = the client left.
Outcome = Literal["running", "done", "failed", "broken", "cancelled"]


@dataclass(slots=True)
class Generation:
    """One answer given or begun."""

    id: str
    key: Key
    model: Model
    answer: Answer
    prompt_tokens: int
    cached_tokens: int
    created: float
    streamed: bool
    session_id: str | None = None
    user: str | None = None
    outcome: Outcome = "running"
    sent_tokens: int = 0
    """Completion tokens put on the wire so far."""
    first_token: float | None = None
    ended: float | None = None
    billed_tokens: int = 0
    cost: Decimal = Decimal(0)
    misses: int = 0

    def price(self, completion_tokens: int) -> tuple[Decimal, Decimal, Decimal]:
        """(prompt, completions, extras) in dollars for so many completion tokens."""
        cached_price = self.model.prompt if self.model.cache_read is None else self.model.cache_read
        prompt = (self.prompt_tokens - self.cached_tokens) * self.model.prompt + self.cached_tokens * cached_price
        extras = WEB_SEARCH_PRICE if self.answer.citations else Decimal(0)
        return prompt, completion_tokens * self.model.completion, extras

    def settle(self, outcome: Outcome, accounts: Accounts, now: float) -> None:
        """End the generation and take its cost, once.

        Zero-completion insurance: nothing is charged for an error finish, nor for an answer with no tokens and a blank
        finish reason. A client that leaves pays for what it got if the provider can stop, for the whole answer if not.
        """
        if self.outcome != "running":
            return
        self.outcome = outcome
        self.ended = now
        whole = self.answer.tokens
        stopped = outcome == "broken" or (outcome == "cancelled" and self.model.cancels)
        self.billed_tokens = self.sent_tokens if stopped else whole
        insured = outcome == "failed" or (whole == 0 and self.answer.finish is None)
        if outcome == "failed":
            self.billed_tokens = self.sent_tokens
        self.cost = Decimal(0) if insured else sum(self.price(self.billed_tokens), Decimal(0))
        accounts.charge(self.key, self.cost, now)

    def usage(self, completion_tokens: int, knobs: Knobs, *, insured: bool = False) -> JsonObject:
        """The usage object of a reply, in the key order of the recordings."""
        prompt, completions, extras = self.price(completion_tokens)
        if insured or (completion_tokens == 0 and self.answer.finish is None):
            prompt = completions = extras = Decimal(0)
        cost: Json = as_number(prompt + completions + extras)
        if knobs.has("null_cost"):
            cost = None
        elif knobs.has("noisy_cost"):
            cost = noisy(prompt + completions + extras)
        elif knobs.has("negative_cost"):
            cost = -0.5
        elif knobs.has("absurd_cost"):
            cost = 1e30
        reasoning = min(len(self.answer.reasoning), completion_tokens)
        usage: JsonObject = {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": completion_tokens,
            "total_tokens": self.prompt_tokens + completion_tokens,
            "cost": cost,
            "is_byok": False,
            "prompt_tokens_details": {
                "cached_tokens": self.cached_tokens,
                "cache_write_tokens": 0,
                "audio_tokens": 0,
                "video_tokens": 0,
            },
            "cost_details": {
                "upstream_inference_cost": as_number(prompt + completions),
                "upstream_inference_prompt_cost": as_number(prompt),
                "upstream_inference_completions_cost": as_number(completions),
            },
            "completion_tokens_details": {
                "reasoning_tokens": reasoning,
                "image_tokens": self.answer.image_tokens,
                "audio_tokens": 0,
            },
        }
        if self.answer.citations:
            usage["server_tool_use_details"] = {"web_search_requests": 1}
        return usage

    def describe(self) -> JsonObject:
        """GET /generation."""
        started = datetime.fromtimestamp(self.created, tz=UTC)
        ended = self.created if self.ended is None else self.ended
        reasoning = min(len(self.answer.reasoning), self.billed_tokens)
        cancelled = self.outcome == "cancelled"
        finish = {"done": self.answer.finish, "failed": "error"}.get(self.outcome)
        return {
            "id": self.id,
            "model": self.model.slug,
            "provider_name": self.model.provider,
            "created_at": started.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "total_cost": as_number(self.cost),
            "usage": as_number(self.cost),
            "upstream_inference_cost": None,
            "cache_discount": None,
            "tokens_prompt": self.prompt_tokens,
            "tokens_completion": self.billed_tokens,
            "native_tokens_prompt": self.prompt_tokens,
            "native_tokens_completion": self.billed_tokens,
            "native_tokens_reasoning": reasoning,
            "native_tokens_cached": self.cached_tokens,
            "num_media_prompt": 0,
            "num_media_completion": len(self.answer.images),
            "num_search_results": len(self.answer.citations) or None,
            "finish_reason": finish,
            "native_finish_reason": None if cancelled else finish,
            "latency": None if self.first_token is None else int((self.first_token - self.created) * 1000),
            "generation_time": int((ended - self.created) * 1000),
            "moderation_latency": None,
            "streamed": self.streamed,
            "cancelled": cancelled,
            "is_byok": False,
            "upstream_id": f"chatcmpl-{self.id[-20:]}",
            "session_id": self.session_id,
            "external_user": self.user,
            "request_id": f"req-{self.id[-20:]}",
            "api_type": "completions",
            "origin": "",
            "provider_responses": [{"provider_name": self.model.provider, "status": 200, "is_byok": False}],
        }


def noisy(amount: Decimal) -> float:
    """The amount with the last bits wrong, as a sum of floats has them."""
    value = float(amount)
    return value * (1 + 2**-52) if value else 6e-7


@dataclass(slots=True)
class Generations:
    """All generations, found again only after the delay the real service has."""

    delay: float = 0.0
    """Seconds after the end during which GET /generation answers 404."""
    misses: int = 0
    """Look-ups answered 404 in any case, before the first that succeeds."""
    by_id: dict[str, Generation] = field(default_factory=dict)

    def add(self, generation: Generation) -> None:
        self.by_id[generation.id] = generation

    def look_up(self, generation_id: str, now: float) -> Generation:
        generation = self.by_id.get(generation_id)
        if generation is None or generation.ended is None or now < generation.ended + self.delay:
            raise api_failure(404, f"Generation {generation_id} not found")
        if generation.misses < self.misses:
            generation.misses += 1
            raise api_failure(404, f"Generation {generation_id} not found")
        return generation
