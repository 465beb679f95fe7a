"""Chat completions on the wire, in OpenAI's shapes.

A parameter is passed on, or refused by name; none is dropped without a word. What is null counts as not sent.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from ai_chat.http.schemas import CleanText

_MOST_MESSAGES = 2048
_WITHOUT_EFFECT = frozenset({"user", "metadata", "store", "service_tier", "safety_identifier", "prompt_cache_key"})
"""About bookkeeping on OpenAI's side and not about the answer: accepted, so that programs need not be changed."""
_PASSED_ON = ("top_p", "stop", "seed", "presence_penalty", "frequency_penalty", "response_format", "reasoning_effort")
_NEUTRAL: dict[str, tuple[object, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "tools": ([],),
    "functions": ([],),
    "tool_choice": ("none", "auto"),
    "function_call": ("none", "auto"),
    "parallel_tool_calls": (True, False),
    "modalities": (["text"],),
    "logit_bias": ({},),
}
"""What we cannot do, and the values that do not ask for it."""

Penalty = Annotated[float, Field(ge=-2, le=2, allow_inf_nan=False)]
StopText = Annotated[CleanText, Field(min_length=1, max_length=256)]


class TextPart(BaseModel):
    type: Literal["text"]
    text: CleanText


class PromptItem(BaseModel):
    """One message. `developer` is today's word for `system`."""

    role: Literal["system", "developer", "user", "assistant"]
    content: CleanText | Annotated[list[TextPart], Field(min_length=1, max_length=1000)]

    @model_validator(mode="before")
    @classmethod
    def _say_what_is_not_possible(cls, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        if value.get("role") in ("tool", "function") or value.get("tool_calls") or value.get("function_call"):
            raise _not_possible("tool calls are not supported")
        content = value.get("content")
        parts = content if isinstance(content, list) else []
        if any(isinstance(part, dict) and part.get("type") != "text" for part in parts):
            raise _not_possible("only text is supported in content, no images, audio or files")
        return value

    @property
    def text(self) -> str:
        return self.content if isinstance(self.content, str) else "\n".join(part.text for part in self.content)


class StreamOptions(BaseModel):
    include_usage: bool | None = None


class ResponseFormat(BaseModel):
    model_config = ConfigDict(extra="allow")

    type: Literal["text", "json_object", "json_schema"]


class CompletionBody(BaseModel):
    """`POST /v1/chat/completions`."""

    model_config = ConfigDict(extra="allow")

    model: Annotated[CleanText, Field(min_length=1, max_length=100)]
    messages: Annotated[list[PromptItem], Field(min_length=1, max_length=_MOST_MESSAGES)]
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    max_tokens: Annotated[int, Field(ge=1, le=2**31)] | None = None
    max_completion_tokens: Annotated[int, Field(ge=1, le=2**31)] | None = None
    temperature: Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)] | None = None
    top_p: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] | None = None
    stop: StopText | Annotated[list[StopText], Field(min_length=1, max_length=4)] | None = None
    seed: Annotated[int, Field(ge=-(2**63), lt=2**63)] | None = None
    presence_penalty: Penalty | None = None
    frequency_penalty: Penalty | None = None
    response_format: ResponseFormat | None = None
    reasoning_effort: Annotated[CleanText, Field(min_length=1, max_length=20)] | None = None

    @model_validator(mode="after")
    def _nothing_is_dropped_without_a_word(self) -> "CompletionBody":
        for name, value in (self.model_extra or {}).items():
            if value is None or name in _WITHOUT_EFFECT:
                continue
            if name not in _NEUTRAL:
                raise _not_possible(f"unknown parameter {name[:60]!r}")
            if not any(type(value) is type(neutral) and value == neutral for neutral in _NEUTRAL[name]):
                raise _not_possible(f"parameter {name!r} is not supported with this value")
        if not any(message.text for message in self.messages):
            raise _not_possible("all messages are empty")
        return self

    @property
    def wanted_tokens(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens

    @property
    def shape(self) -> str:
        """What is said of how the answer is to look: as long as whoever asks likes."""
        return "" if self.response_format is None else self.response_format.model_dump_json()

    @property
    def options(self) -> dict[str, object]:
        """What is passed on to the model's provider as it is."""
        named = self.model_dump(include=set(_PASSED_ON), exclude_none=True)
        if named.get("response_format") == {"type": "text"}:
            del named["response_format"]  # what everybody does anyway, and some do not know the word
        return named


class ModelCard(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int
    owned_by: str
    name: str
    context_length: int


class ModelCards(BaseModel):
    object: Literal["list"] = "list"
    data: list[ModelCard]


def _not_possible(what: str) -> PydanticCustomError:
    return PydanticCustomError("not_possible", "{what}", {"what": what})
