"""The index tells the truth: a slow and simple reader, sharing no code with the product, agrees with every entry.

It reads whole bodies by the letter of the standard, so a disagreement with the product's incremental reader is a fault
of one of the two and never of a shared mistake.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import pytest

from tests.wire.samples import HERE, ExpectedError, ExpectedToolCall, ExpectedUsage, Sample, huge_image, load

SAMPLES = load()


def test_every_recording_is_in_the_index_once() -> None:
    files = [entry["file"] for entry in json.loads((HERE / "index.json").read_text(encoding="utf-8"))]
    assert sorted(files) == sorted(path.name for path in (HERE / "recordings").iterdir())


def test_names_are_unique() -> None:
    assert len({sample.name for sample in SAMPLES}) == len(SAMPLES)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.is_stream], ids=lambda sample: sample.name)
def test_a_simple_reader_agrees_with_the_index(sample: Sample) -> None:
    assert_meaning(sample)


def test_the_huge_image_is_one_line_of_nearly_two_megabytes() -> None:
    sample = huge_image()
    assert max(map(len, sample.data.split(b"\n"))) > 1_850_000
    assert_meaning(sample)


@pytest.mark.parametrize("sample", [s for s in SAMPLES if not s.is_stream], ids=lambda sample: sample.name)
def test_bodies_that_are_not_streams_say_what_the_index_says(sample: Sample) -> None:
    if sample.content_type != "application/json":
        assert sample.error == ExpectedError(None, None)
        return
    body = json.loads(sample.data)
    holder = body if "error" in body else body["choices"][0]
    assert _error(holder) == sample.error
    if "choices" in body:
        assert body["choices"][0]["message"]["content"] == sample.text
        assert body["choices"][0]["finish_reason"] == sample.finish_reason


def assert_meaning(sample: Sample) -> None:
    """Read the whole body and compare with the entry, field by field."""
    text = reasoning = ""
    finish = usage = error = answer_id = model = None
    annotations = images = 0
    done = False
    calls: dict[int, dict[str, str]] = {}
    for data in _events(sample.data.decode("utf-8-sig", "replace")):
        if data == "[DONE]":
            done = True
            break
        try:
            chunk: Any = json.loads(data, parse_float=str)
        except ValueError:
            continue
        if not isinstance(chunk, dict):
            continue
        answer_id, model = chunk.get("id", answer_id), chunk.get("model", model)
        usage = chunk.get("usage") or usage
        error = error or _error(chunk)
        for choice in chunk.get("choices") or []:
            delta = choice.get("delta") or {}
            text += delta.get("content") or ""
            reasoning += delta.get("reasoning") or ""
            annotations += len(delta.get("annotations") or [])
            images += len(delta.get("images") or [])
            finish = choice.get("finish_reason") or finish
            error = error or _error(choice)
            for piece in delta.get("tool_calls") or []:
                call = calls.setdefault(piece["index"], {"id": "", "name": "", "arguments": ""})
                call["id"] = call["id"] or piece.get("id", "")
                call["name"] = call["name"] or piece["function"].get("name", "")
                call["arguments"] += piece["function"].get("arguments") or ""
    if sample.text is not None:
        assert text == sample.text
    assert (reasoning, annotations, images) == (sample.reasoning, sample.annotations, sample.images)
    assert (finish, answer_id, model) == (sample.finish_reason, sample.id, sample.model)
    assert _usage(usage) == sample.usage
    assert error == sample.error
    assert sample.done in (None, done)
    assert tuple(ExpectedToolCall(index, **call) for index, call in sorted(calls.items())) == sample.tool_calls
    outcome = "failed" if error else "complete" if done or finish else "truncated"
    assert sample.outcome in (None, outcome)


def _events(text: str) -> list[str]:
    """The data of each event, by the standard: an event ends with a blank line, and one that does not is dropped."""
    lines = re.split("\r\n|\n|\r", text)
    events: list[str] = []
    data: list[str] = []
    for line in lines[:-1]:
        if not line:
            if data:
                events.append("\n".join(data))
            data = []
        elif re.match("data(:|$)", line):
            data.append(line[5:].removeprefix(" "))
    return events


def _error(holder: Mapping[str, object]) -> ExpectedError | None:
    error = holder.get("error")
    if not error:
        return None
    if isinstance(error, str):
        return ExpectedError(None, error)
    assert isinstance(error, dict)
    return ExpectedError(error.get("code"), error.get("message"))


def _usage(usage: object) -> ExpectedUsage | None:
    if not isinstance(usage, dict):
        return None
    cost = usage["cost"]
    return ExpectedUsage(
        prompt_tokens=usage["prompt_tokens"],
        completion_tokens=usage["completion_tokens"],
        cost=None if cost is None else str(cost),
        reasoning_tokens=usage["completion_tokens_details"]["reasoning_tokens"],
        cached_tokens=usage["prompt_tokens_details"]["cached_tokens"],
    )
