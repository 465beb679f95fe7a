"""What a caller may turn: one small grammar for the model-name suffix, the header, the admin call and the defaults.

`fault=http429;retry_after=3` — items separated by `;`, values percent-decoded, a bare word is a fault. Faults may be
several (`fault=crlf,error_int`). An unknown name is an error, because a misspelt fault in a test would otherwise prove
nothing while passing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from ai_chat.emulators.openrouter.faults import FAULTS, STATUS_FAULT
from ai_chat.emulators.openrouter.texts import MODES

KNOBS: dict[str, str] = {
    "fault": "what goes wrong, several separated by commas (see FAULTS)",
    "after": "completion tokens sent before an in-stream fault strikes; 0 = before the first (default 3)",
    "seconds": "how long a stall or a hang lasts (default 3600)",
    "keepalive_ms": "comment interval during a stall; 0 = silence (default)",
    "retry_after": "value of the Retry-After header, seconds or an HTTP date",
    "kind": "variant of an http fault: 402 tokens|prompt, 403 moderation|guardrail, 404 deprecated|privacy|free_ended|"
    "no_endpoints, 429 upstream|daily|minute",
    "message": "the error's message instead of the usual one",
    "text": "answer mode (see MODES in texts.py)",
    "script": "the exact answer (implies text=script)",
    "tokens": "length of text=count",
    "chars": "length of text=long",
    "speed": "tokens a second; 0 = all at once",
    "ttft_ms": "delay before the first token",
    "jitter": "0..1, random share of each gap between tokens",
    "seed": "seed of the jitter",
    "comments": "keep-alive comments before the first chunk (default 1)",
    "comments_every": "a comment after every N tokens (default 0 = none)",
    "usage": "shape of the usage chunk: a (finish null), b (choices []), c (finish repeated), d (with the finish)",
    "service_tier": "value of service_tier instead of null",
    "cached": "prompt tokens to report and bill as cached",
    "finish": "finish_reason to report",
    "native_finish": "native_finish_reason to report",
    "reply_model": "model id to report instead of the real one",
    "batch": "events per network write; 0 = as they fall due",
    "split": "size in bytes of each network write",
    "byte_ms": "pause between the pieces of a split write",
    "image_bytes": "bytes of image in text=image (default 1200000: a line of 1.6 MB)",
}


class UnknownKnob(ValueError):
    """A knob, a fault or a value the emulator does not know."""


@dataclass(frozen=True, slots=True)
class Knobs:
    """The knobs of one request, every one with its value."""

    faults: frozenset[str]
    after: int
    seconds: float
    keepalive_ms: float
    retry_after: str
    kind: str
    message: str
    text: str
    script: str
    tokens: int
    chars: int
    speed: float
    ttft_ms: float
    jitter: float
    seed: int
    comments: int
    comments_every: int
    usage: str
    service_tier: str
    cached: int
    finish: str
    native_finish: str
    reply_model: str
    batch: int
    split: int
    byte_ms: float
    image_bytes: int

    def has(self, *faults: str) -> bool:
        return any(fault in self.faults for fault in faults)

    @property
    def status_fault(self) -> tuple[str, int] | None:
        """("http" | "html" | "codeless", status) if the request is to fail before its stream."""
        for fault in sorted(self.faults):
            if match := re.fullmatch(STATUS_FAULT, fault):
                return match[1], int(match[2])
        return None


def parse_spec(spec: str) -> dict[str, str]:
    """A written spec as name → value, checked."""
    pairs: dict[str, str] = {}
    faults: list[str] = []
    for item in filter(None, (part.strip() for part in spec.split(";"))):
        name, separator, value = item.partition("=")
        if not separator:
            faults.append(name)
        elif name == "fault":
            faults.extend(filter(None, value.split(",")))
        elif name in KNOBS:
            pairs[name] = unquote(value)
        else:
            raise UnknownKnob(f"unknown knob {name!r}; known: {', '.join(KNOBS)}")
    for fault in faults:
        if fault not in FAULTS and not re.fullmatch(STATUS_FAULT, fault):
            raise UnknownKnob(f"unknown fault {fault!r}; known: {', '.join(FAULTS)}, http<status>, html<status>")
    if faults:
        pairs["fault"] = ",".join(faults)
    if "script" in pairs:
        pairs.setdefault("text", "script")
    resolve(pairs)
    return pairs


def merge(*layers: Mapping[str, str]) -> dict[str, str]:
    """Later layers win, except that faults add up; `fault=none` forgets those before it."""
    merged: dict[str, str] = {}
    faults: list[str] = []
    for layer in layers:
        merged.update(layer)
        for fault in layer.get("fault", "").split(","):
            faults = [] if fault == "none" else [*faults, fault]
    merged["fault"] = ",".join(filter(None, faults))
    return merged


def resolve(pairs: Mapping[str, str]) -> Knobs:
    """Typed knobs, defaults filled in."""

    def number(name: str, default: float) -> float:
        try:
            value = float(pairs.get(name, default))
        except ValueError:
            raise UnknownKnob(f"{name} must be a number, not {pairs[name]!r}") from None
        if value < 0:
            raise UnknownKnob(f"{name} must not be negative")
        return value

    usage = pairs.get("usage", "c")
    if usage not in {"a", "b", "c", "d"}:
        raise UnknownKnob(f"usage must be a, b, c or d, not {usage!r}")
    text = pairs.get("text", "default")
    if text not in MODES:
        raise UnknownKnob(f"unknown text mode {text!r}; known: {', '.join(MODES)}")
    return Knobs(
        faults=frozenset(filter(None, pairs.get("fault", "").split(","))) - {"none"},
        after=int(number("after", 3)),
        seconds=number("seconds", 3600),
        keepalive_ms=number("keepalive_ms", 0),
        retry_after=pairs.get("retry_after", ""),
        kind=pairs.get("kind", ""),
        message=pairs.get("message", ""),
        text=text,
        script=pairs.get("script", ""),
        tokens=int(number("tokens", 100)),
        chars=int(number("chars", 100_000)),
        speed=number("speed", 0),
        ttft_ms=number("ttft_ms", 0),
        jitter=min(1.0, number("jitter", 0)),
        seed=int(number("seed", 0)),
        comments=int(number("comments", 1)),
        comments_every=int(number("comments_every", 0)),
        usage=usage,
        service_tier=pairs.get("service_tier", ""),
        cached=int(number("cached", 0)),
        finish=pairs.get("finish", ""),
        native_finish=pairs.get("native_finish", ""),
        reply_model=pairs.get("reply_model", ""),
        batch=int(number("batch", 0)),
        split=int(number("split", 0)),
        byte_ms=number("byte_ms", 0),
        image_bytes=int(number("image_bytes", 1_200_000)),
    )
