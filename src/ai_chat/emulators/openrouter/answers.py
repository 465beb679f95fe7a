"""An answer before it is put on the wire: tokens of text and thought, tool calls, citations, images, how it ended."""

from __future__ import annotations

import base64
import random
import struct
import zlib
from dataclasses import dataclass, replace

from ai_chat.emulators.json_values import Json, JsonObject, as_int, as_list, as_object, as_text
from ai_chat.emulators.openrouter import tokens
from ai_chat.emulators.openrouter.catalogue import Model
from ai_chat.emulators.openrouter.knobs import Knobs
from ai_chat.emulators.openrouter.shapes import encode
from ai_chat.emulators.openrouter.texts import Question, compose, reasoning_for

IMAGE_TOKENS = 1290


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call as it is streamed: id and name once, the arguments in pieces."""

    id: str
    name: str
    pieces: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything to be said, in the order: reasoning, citations, text, images, tool calls."""

    content: tuple[str, ...]
    reasoning: tuple[str, ...] = ()
    citations: tuple[JsonObject, ...] = ()
    images: tuple[str, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    finish: str | None = "stop"
    native_finish: str | None = "stop"
    hidden: bool = False
    """Reasoning that is thought and paid but not shown: `reasoning.exclude`."""

    @property
    def image_tokens(self) -> int:
        return IMAGE_TOKENS * len(self.images)

    @property
    def tokens(self) -> int:
        """Completion tokens, reasoning and images included. A tool call costs a token per piece of its arguments."""
        calls = sum(1 + len(call.pieces) for call in self.tool_calls)
        return len(self.content) + len(self.reasoning) + self.image_tokens + calls

    def limited(self, max_tokens: int | None) -> Answer:
        """Cut to the output the request allows, reasoning first; the finish says so."""
        if max_tokens is None or self.tokens - self.image_tokens <= max_tokens:
            return self
        reasoning = self.reasoning[:max_tokens]
        content = self.content[: max_tokens - len(reasoning)]
        return replace(
            self,
            reasoning=reasoning,
            content=content,
            tool_calls=(),
            finish="length",
            native_finish="max_output_tokens",
        )


def prepare(body: JsonObject, model: Model, knobs: Knobs) -> Answer:
    """The answer to a request, before any fault of the wire."""
    messages = as_list(body.get("messages"))
    question = Question(
        last=last_user_text(messages),
        messages=len(messages),
        model_name=model.name,
        script=knobs.script,
        tokens=knobs.tokens,
        chars=knobs.chars,
    )
    mode = _mode(body, model, knobs)
    answer = Answer(content=tokens.split(_stopped(compose(mode, question), body.get("stop"))))
    if mode == "reasoning" or _reasons(body, model) or knobs.has("length_reasoning"):
        hidden = as_object(body.get("reasoning")).get("exclude") is True
        answer = replace(answer, reasoning=tokens.split(reasoning_for(question)), hidden=hidden)
    if mode == "citations":
        answer = replace(answer, citations=CITATIONS)
    if mode == "image":
        answer = replace(answer, images=(png_data_url(knobs.image_bytes),))
    if mode == "tools" or knobs.has("tools_empty"):
        answer = replace(answer, content=(), tool_calls=_tool_calls(body, question, knobs))
        answer = replace(answer, finish="tool_calls", native_finish="tool_use")
    if knobs.has("length_reasoning"):
        answer = replace(answer, content=(), finish="length", native_finish="max_output_tokens")
    if knobs.has("empty"):
        answer = Answer(content=(), finish=None, native_finish=None)
    answer = answer.limited(as_int(body.get("max_completion_tokens")) or as_int(body.get("max_tokens")))
    if knobs.finish:
        answer = replace(answer, finish=knobs.finish, native_finish=knobs.finish)
    if knobs.native_finish:
        answer = replace(answer, native_finish=knobs.native_finish)
    return answer


def last_user_text(messages: list[Json]) -> str:
    """The text of the last message by the user, without the emulator's own directive line."""
    for message in reversed(messages):
        entry = as_object(message)
        if entry.get("role") == "user":
            text = tokens.text_of(entry.get("content"))
            return text.partition("\n")[2] if text.startswith("/emulator ") else text
    return ""


def wants_reasoning(body: JsonObject) -> bool:
    """Whether the request asks for reasoning, in any of the spellings."""
    reasoning = as_object(body.get("reasoning"))
    effort = as_text(reasoning.get("effort")) or as_text(body.get("reasoning_effort"))
    if effort:
        return effort != "none"
    return reasoning.get("enabled") is True or as_int(reasoning.get("max_tokens")) is not None


def _reasons(body: JsonObject, model: Model) -> bool:
    if model.reasoning == "none":
        return False
    return model.reasoning == "mandatory" or wants_reasoning(body) or as_text(body.get("model")).endswith(":thinking")


def _mode(body: JsonObject, model: Model, knobs: Knobs) -> str:
    if knobs.text != "default":
        return knobs.text
    choice = body.get("tool_choice")
    if as_list(body.get("tools")) and (choice == "required" or isinstance(choice, dict)):
        return "tools"
    if "image" in as_list(body.get("modalities")) and "image" in model.outputs:
        return "image"
    kinds = [as_object(plugin).get("id") for plugin in as_list(body.get("plugins"))]
    if "web" in kinds or as_text(body.get("model")).endswith(":online"):
        return "citations"
    if as_object(body.get("response_format")).get("type") in {"json_object", "json_schema"}:
        return "json"
    return "default"


def _stopped(text: str, stop: Json) -> str:
    """The text up to the first stop string."""
    words = [stop] if isinstance(stop, str) else [word for word in as_list(stop) if isinstance(word, str)]
    places = [place for word in words if word and (place := text.find(word)) >= 0]
    return text[: min(places)] if places else text


def _tool_calls(body: JsonObject, question: Question, knobs: Knobs) -> tuple[ToolCall, ...]:
    """A call of the first tool offered, or of two invented ones, so that indexes interleave."""
    offered = [as_object(as_object(tool).get("function")).get("name") for tool in as_list(body.get("tools"))]
    names = [name for name in offered if isinstance(name, str)][:1] or ["get_weather", "get_time"]
    if knobs.has("tools_empty"):
        return (ToolCall("toolu_bdrk_emulator0", names[0], ("", "", "")),)
    arguments = encode({"query": question.last}).decode()
    return tuple(ToolCall(f"call_emulator{index}", name, tokens.split(arguments)) for index, name in enumerate(names))


def png_data_url(size: int) -> str:
    """A valid one-pixel PNG padded to about `size` bytes with a private chunk of noise, always the same."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    pixel = chunk(b"IDAT", zlib.compress(b"\x00\x33\x66\x99"))
    noise = chunk(b"emUl", random.Random(size).randbytes(max(0, size - 100)))
    png = b"\x89PNG\r\n\x1a\n" + header + noise + pixel + chunk(b"IEND", b"")
    return "data:image/png;base64," + base64.b64encode(png).decode()


def _citation(number: int) -> JsonObject:
    return {
        "type": "url_citation",
        "url_citation": {
            "url": f"https://example.com/source/{number}",
            "title": f"Source {number}",
            "content": f"What source {number} says.",
            "start_index": 0,
            "end_index": 0,
        },
    }


CITATIONS: tuple[JsonObject, ...] = (_citation(1), _citation(2))
