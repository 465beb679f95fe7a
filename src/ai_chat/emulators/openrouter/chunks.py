"""The JSON of each kind of chunk, keys in the order of the recordings of 2026-08."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ai_chat.emulators.json_values import Json, JsonObject
from ai_chat.emulators.openrouter.answers import ToolCall
from ai_chat.emulators.openrouter.generations import Generation
from ai_chat.emulators.openrouter.knobs import Knobs
from ai_chat.emulators.openrouter.shapes import encode

ERROR_MESSAGE = "Provider disconnected unexpectedly"
_ENCRYPTED_SIZE = 4096


class Chunks:
    """Payloads of one stream. The text delta is assembled from bytes made once, for the sake of the bench."""

    def __init__(self, generation: Generation, knobs: Knobs) -> None:
        self._generation = generation
        self._knobs = knobs
        self._head: JsonObject = {
            "id": generation.id,
            "object": "chat.completion.chunk",
            "created": int(generation.created),
            "model": knobs.reply_model or generation.model.slug,
            "provider": generation.model.provider,
        }
        if knobs.has("unknown"):
            self._head["x_future"] = {"list": [1, 2.5, None], "text": "data: not an event"}
        marker = "\x00"
        self._before, self._after = self.delta({"content": marker, "role": "assistant"}).split(encode(marker))

    def content(self, piece: str) -> bytes:
        return self._before + encode(piece) + self._after

    def reasoning(self, piece: str) -> bytes:
        detail: JsonObject = {"type": self._reasoning_type(), "format": self._reasoning_format(), "index": 0}
        detail["summary" if detail["type"] == "reasoning.summary" else "text"] = piece
        return self.delta({"content": "", "role": "assistant", "reasoning": piece, "reasoning_details": [detail]})

    def encrypted_reasoning(self) -> Iterator[bytes]:
        """OpenAI's models send their hidden thought as one blob before the text."""
        if self._generation.answer.reasoning and self._reasoning_type() == "reasoning.summary":
            detail: JsonObject = {
                "type": "reasoning.encrypted",
                "data": "gAAAAA" + "b" * _ENCRYPTED_SIZE,
                "id": f"rs_{self._generation.id[-20:]}",
                "format": "openai-responses-v1",
                "index": 0,
            }
            yield self.delta({"content": "", "role": "assistant", "reasoning": None, "reasoning_details": [detail]})

    def image(self, url: str) -> bytes:
        image: JsonObject = {"type": "image_url", "image_url": {"url": url}, "index": 0}
        return self.delta({"content": "", "role": "assistant", "images": [image]})

    def tool_calls(self, calls: Iterable[ToolCall]) -> Iterator[bytes]:
        """All heads first, then the pieces of arguments in turn, so that several calls interleave."""
        calls = tuple(calls)
        for index, call in enumerate(calls):
            function: JsonObject = {"name": call.name, "arguments": ""}
            yield self._tool_delta({"index": index, "id": call.id, "type": "function", "function": function})
        for place in range(max((len(call.pieces) for call in calls), default=0)):
            for index, call in enumerate(calls):
                if place < len(call.pieces):
                    yield self._tool_delta({"index": index, "function": {"arguments": call.pieces[place]}})

    def delta(self, delta: JsonObject) -> bytes:
        return encode({**self._head, "choices": [self._choice(delta, None, None)]})

    def choiceless(self) -> bytes:
        return encode({**self._head, "choices": []})

    def finish(self) -> bytes:
        return encode({**self._head, "choices": [self._final_choice()]})

    def usage(self, completion_tokens: int) -> bytes:
        """The usage chunk in the shape asked for; see external-apis.md A3."""
        usage = self._generation.usage(completion_tokens, self._knobs)
        if self._knobs.usage == "a":
            last: JsonObject = {"role": "assistant", "content": ""}
            return encode({**self._head, "choices": [self._choice(last, None, None)], "usage": usage})
        if self._knobs.usage == "b":
            return encode({**self._head, "choices": [], "usage": usage})
        tier: Json = self._knobs.service_tier or None
        return encode({**self._head, "service_tier": tier, "choices": [self._final_choice()], "usage": usage})

    def error(self, shape: str, completion_tokens: int) -> bytes:
        """An error inside a stream that had begun with status 200."""
        message = self._knobs.message or ERROR_MESSAGE
        error: JsonObject = {"code": 502, "message": message}
        failed = self._choice({"content": "", "role": "assistant"}, "error", "error")
        if shape == "error_bare":
            return encode({"error": {"message": message, "code": 502}, "user_id": "user_2emulator"})
        if shape == "error_choice":
            return encode({**self._head, "choices": [{**failed, "error": error}]})
        if shape == "error_recorded":
            error = {"code": 400, "message": self._knobs.message or "Token limit reached"}
            choice = self._choice({"role": "assistant", "content": ""}, None, None)
            usage = self._generation.usage(completion_tokens, self._knobs, insured=True)
            return encode({**self._head, "error": error, "choices": [choice], "usage": usage})
        if shape == "error_string":
            error = {"code": "server_error", "message": message}
        return encode({**self._head, "error": error, "choices": [failed]})

    def _tool_delta(self, call: JsonObject) -> bytes:
        return self.delta({"content": None, "role": "assistant", "tool_calls": [call]})

    def _final_choice(self) -> JsonObject:
        answer = self._generation.answer
        return self._choice({"content": "", "role": "assistant"}, answer.finish, answer.native_finish)

    def _choice(self, delta: JsonObject, finish: str | None, native_finish: str | None) -> JsonObject:
        return {"index": 0, "delta": delta, "finish_reason": finish, "native_finish_reason": native_finish}

    def _reasoning_type(self) -> str:
        return "reasoning.summary" if self._generation.model.provider == "OpenAI" else "reasoning.text"

    def _reasoning_format(self) -> str:
        formats = {"OpenAI": "openai-responses-v1", "Anthropic": "anthropic-claude-v1"}
        return formats.get(self._generation.model.provider, "unknown")
