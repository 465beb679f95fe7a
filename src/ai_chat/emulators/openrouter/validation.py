"""What the service refuses before it asks any model."""

from __future__ import annotations

import base64
import binascii

from ai_chat.emulators.json_values import Json, JsonObject, as_int, as_list, as_object, as_text
from ai_chat.emulators.openrouter import tokens
from ai_chat.emulators.openrouter.catalogue import Model
from ai_chat.emulators.openrouter.failures import api_failure, bad_request

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_RANGES: dict[str, tuple[float, float]] = {
    "temperature": (0, 2),
    "top_p": (0, 1),
    "frequency_penalty": (-2, 2),
    "presence_penalty": (-2, 2),
    "repetition_penalty": (0, 2),
    "top_logprobs": (0, 20),
}
_MAX_PAIRS, _MAX_NAME, _MAX_VALUE, _MAX_SESSION, _MAX_STOPS = 16, 64, 512, 256, 4


def check_request(body: Json) -> JsonObject:
    """Faults of the body itself, whatever the model."""
    if not isinstance(body, dict):
        raise bad_request("Invalid JSON body")
    messages = as_list(body.get("messages"))
    if not messages and not as_text(body.get("prompt")):
        raise bad_request('Input required: specify "prompt" or "messages"', "invalid_prompt")
    if not messages:
        body = {**body, "messages": [{"role": "user", "content": body.get("prompt")}]}
    for place, message in enumerate(as_list(body["messages"])):
        _check_message(place, message)
    for name, (low, high) in _RANGES.items():
        value = body.get(name)
        if value is not None and (
            isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high
        ):
            raise bad_request(f"{name} must be a number between {low} and {high}")
    for name in ("max_tokens", "max_completion_tokens"):
        if body.get(name) is not None and (as_int(body.get(name)) or 0) < 1:
            raise bad_request(f"{name} must be a positive integer")
    _check_labels(body)
    reasoning = as_object(body.get("reasoning"))
    if reasoning.get("effort") is not None and reasoning.get("max_tokens") is not None:
        raise bad_request('Only one of "reasoning.effort" and "reasoning.max_tokens" may be specified')
    return body


def check_model(body: JsonObject, model: Model, prompt_tokens: int) -> None:
    """Faults of the body for this model: too long, kinds of input it cannot read, reasoning it cannot leave off."""
    reasoning = as_object(body.get("reasoning"))
    if model.reasoning == "mandatory" and "none" in (reasoning.get("effort"), body.get("reasoning_effort")):
        raise bad_request("Reasoning is mandatory for this endpoint and cannot be disabled.")
    for message in as_list(body.get("messages")):
        for part in as_list(as_object(message).get("content")):
            _check_part(as_object(part), model)
    output = as_int(body.get("max_completion_tokens")) or as_int(body.get("max_tokens")) or 0
    if prompt_tokens + output > model.context and not _compresses(body):
        message = (
            f"This endpoint's maximum context length is {model.context} tokens. However, you requested about"
            f" {prompt_tokens + output} tokens ({prompt_tokens} of text input, {output} in the output). Please reduce"
            " the length of either one, or use the context-compression plugin to compress your prompt automatically."
        )
        raise api_failure(
            400, message, metadata={"error_type": "context_length_exceeded", "provider_name": model.provider}
        )


def _check_message(place: int, message: Json) -> None:
    entry = as_object(message)
    if entry.get("role") not in ROLES:
        raise bad_request(f"messages[{place}].role: Invalid option")
    if entry.get("role") == "tool" and not entry.get("tool_call_id"):
        raise bad_request(f"messages[{place}].tool_call_id: Required")
    if entry.get("role") == "user" and not isinstance(entry.get("content"), str | list):
        raise bad_request(f"messages[{place}].content: Required")


def _check_labels(body: JsonObject) -> None:
    stop = as_list(body.get("stop"))
    if len(stop) > _MAX_STOPS:
        raise bad_request(f"stop: at most {_MAX_STOPS} sequences")
    if len(as_text(body.get("session_id"))) > _MAX_SESSION:
        raise bad_request(f"session_id: at most {_MAX_SESSION} characters")
    metadata = as_object(body.get("metadata"))
    too_long = any(len(name) > _MAX_NAME or len(as_text(value)) > _MAX_VALUE for name, value in metadata.items())
    if len(metadata) > _MAX_PAIRS or too_long:
        raise bad_request(f"metadata: at most {_MAX_PAIRS} pairs of {_MAX_NAME}/{_MAX_VALUE} characters")


def _check_part(part: JsonObject, model: Model) -> None:
    kinds = {"image_url": "image", "file": "file", "input_audio": "audio", "video_url": "video"}
    needed = kinds.get(as_text(part.get("type")))
    if needed == "file":
        return  # any model reads files: the service turns them into text first
    if needed and needed not in model.inputs:
        raise api_failure(404, f"No endpoints found that support {needed} input", metadata={"error_type": "not_found"})
    if needed == "image":
        _check_image(as_text(as_object(part.get("image_url")).get("url")))


def _check_image(url: str) -> None:
    if url.startswith(("https://", "http://")):
        return
    head, comma, data = url.partition(",")
    if not comma or not head.startswith("data:image/") or not head.endswith(";base64"):
        raise bad_request("Invalid image URL", "invalid_image")
    try:
        image = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise bad_request("Could not decode image data", "invalid_image") from None
    if not image.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF")):
        raise bad_request("Unsupported image format", "unsupported_image_format")


def _compresses(body: JsonObject) -> bool:
    plugins = [as_object(plugin).get("id") for plugin in as_list(body.get("plugins"))]
    return "context-compression" in plugins or "middle-out" in as_list(body.get("transforms"))


def prompt_tokens(body: JsonObject) -> int:
    return tokens.count_prompt(as_list(body.get("messages")))
