"""The answer as one JSON document, for requests without `stream`."""

from __future__ import annotations

from ai_chat.emulators.json_values import Json, JsonObject
from ai_chat.emulators.openrouter.chunks import ERROR_MESSAGE
from ai_chat.emulators.openrouter.generations import Generation
from ai_chat.emulators.openrouter.knobs import Knobs
from ai_chat.emulators.openrouter.shapes import encode

_ERRORS = ("error_int", "error_string", "error_bare", "error_choice", "error_recorded")


def whole_reply(generation: Generation, knobs: Knobs) -> bytes:
    """The body; an answer that failed in the middle is 200 with the error inside its choice."""
    if knobs.has("garbage"):
        return b"<not json>"
    answer = generation.answer
    failed = knobs.has(*_ERRORS)
    said = generation.sent_tokens if failed else answer.tokens
    reasoning = "".join(answer.reasoning[:said])
    content = "".join(answer.content[: max(0, said - len(answer.reasoning))])
    message: JsonObject = {
        "role": "assistant",
        "content": content,
        "refusal": None,
        "reasoning": None if answer.hidden else reasoning or None,
    }
    if answer.citations:
        message["annotations"] = [*answer.citations]
    if answer.images and not failed:
        message["images"] = [_image(index, url) for index, url in enumerate(answer.images)]
    if answer.tool_calls and not failed:
        message["content"] = None
        message["tool_calls"] = [
            {
                "index": index,
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": "".join(call.pieces)},
            }
            for index, call in enumerate(answer.tool_calls)
        ]
    choice: JsonObject = {
        "index": 0,
        "logprobs": None,
        "finish_reason": "error" if failed else answer.finish,
        "native_finish_reason": "error" if failed else answer.native_finish,
        "message": message,
    }
    if failed:
        code: Json = "server_error" if knobs.has("error_string") else 502
        choice["error"] = {"code": code, "message": knobs.message or ERROR_MESSAGE}
    reply: JsonObject = {
        "id": generation.id,
        "object": "chat.completion",
        "created": int(generation.created),
        "model": knobs.reply_model or generation.model.slug,
        "provider": generation.model.provider,
        "system_fingerprint": None,
        "choices": [] if knobs.has("empty_choices") else [choice],
    }
    if knobs.has("unknown"):
        reply["x_future"] = {"list": [1, 2.5, None]}
    if not knobs.has("no_usage"):
        reply["usage"] = generation.usage(said, knobs, insured=failed)
    return encode(reply)


def _image(index: int, url: str) -> Json:
    return {"type": "image_url", "image_url": {"url": url}, "index": index}
