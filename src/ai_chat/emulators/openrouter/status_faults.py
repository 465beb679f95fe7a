"""The failures a caller may order by status: the bodies the service sends with each, in their known variants."""

from __future__ import annotations

from ai_chat.emulators.json_values import JsonObject
from ai_chat.emulators.openrouter.accounts import FREE_PER_DAY, FREE_PER_MINUTE, free_limit, prompt_limit, token_limit
from ai_chat.emulators.openrouter.catalogue import Model
from ai_chat.emulators.openrouter.failures import (
    STOCK,
    Failure,
    api_failure,
    availability,
    codeless_failure,
    html_failure,
)
from ai_chat.emulators.openrouter.knobs import Knobs

_DAY = 86_400


def ordered_failure(knobs: Knobs, model_id: str, provider: str | None, now: float) -> Failure | None:
    """The failure the knobs ask for before the stream, if any."""
    if knobs.has("json_200"):
        failure = api_failure(502, knobs.message or "Provider returned error")
        failure.status = 200
        return failure
    fault = knobs.status_fault
    if fault is None:
        return None
    body, status = fault
    message, error_type = STOCK.get(status, ("Provider returned error", "unmapped"))
    message = knobs.message or message
    if body == "html":
        failure = html_failure(status)
    elif body == "codeless":
        failure = codeless_failure(status, message, error_type)
    else:
        failure = _json_failure(status, message, error_type, knobs.kind, model_id, provider, now)
    if knobs.retry_after:
        failure.headers["Retry-After"] = knobs.retry_after
    return failure


def _json_failure(
    status: int, message: str, error_type: str, kind: str, model_id: str, provider: str | None, now: float
) -> Failure:
    if status == 402:
        return prompt_limit(14_250, 3_621) if kind == "prompt" else token_limit(8_192, 779)
    if status == 429 and kind in {"daily", "minute"}:
        if kind == "daily":
            return free_limit("day", FREE_PER_DAY, (now // _DAY + 1) * _DAY)
        return free_limit("min", FREE_PER_MINUTE, now + 60)
    detail: JsonObject | None = None
    metadata: JsonObject = {"error_type": error_type, "provider_name": provider}
    if status == 429:
        metadata = {
            "raw": f"{model_id} is temporarily rate-limited upstream. Please retry shortly.",
            "provider_name": provider,
            "limit_source": "upstream_provider_shared_pool",
            "remedy_hint": "Retry shortly or add your own key to accumulate your rate limits.",
        }
        detail = availability("capacity_exhausted", [model_id], retryable=True)
    elif status == 503:
        detail = availability("temporarily_unavailable", [model_id], retryable=True)
    elif status == 404:
        message, code = _MISSING.get(kind, (message, "no_endpoints"))
        message = message.format(model=model_id)
        detail = availability(code, [model_id])
    elif status == 403 and kind == "guardrail":
        metadata = {"patterns": ["email-address"]}
    elif status == 403:
        metadata = {
            "reasons": ["harassment"],
            "flagged_input": "the first hundred characters of the input",
            "provider_name": provider,
            "model_slug": model_id,
        }
    fallback = status not in {401, 413}
    return api_failure(status, message, metadata=metadata, availability=detail, fallback=fallback)


_MISSING = {
    "no_endpoints": ("No endpoints found for {model}.", "no_endpoints"),
    "deprecated": ("{model} is deprecated and no longer available.", "model_deprecated"),
    "privacy": ("No endpoints found matching your data policy.", "privacy_restricted"),
    "free_ended": ("The free period of {model} has ended.", "free_variant_ended"),
}


def provider_of(model: Model | None) -> str | None:
    return None if model is None else model.provider
