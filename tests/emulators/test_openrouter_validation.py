"""What is refused before any model is asked: external-apis.md C1, points 1 and 2."""

from __future__ import annotations

import base64

import pytest

from ai_chat.emulators.openrouter import Emulator
from ai_chat.emulators.openrouter.answers import png_data_url
from tests.emulators.client import MODEL, Client, Reply

HELLO = [{"role": "user", "content": "Hello"}]


async def post(client: Client, **body: object) -> Reply:
    return await client.send("POST", "/chat/completions", {"model": MODEL, "messages": HELLO, **body})


def error_type(reply: Reply) -> object:
    metadata = reply.error["metadata"]
    assert isinstance(metadata, dict)
    return metadata["error_type"]


async def test_no_key_is_401(client: Client) -> None:
    reply = await client.ask(headers={"Authorization": ""})
    assert (reply.status, reply.error) == (401, {"message": "Missing Authentication header", "code": 401})


@pytest.mark.parametrize("header", ["Bearer sk-or-v1-wrong", "Basic sk-or-v1-emulator", "Bearer"])
async def test_a_wrong_key_is_401(client: Client, header: str) -> None:
    assert (await client.ask(headers={"Authorization": header})).status == 401


async def test_a_disabled_key_is_401(emulator: Emulator, client: Client) -> None:
    emulator.admin.key(disabled=True)
    assert (await client.ask()).status == 401


@pytest.mark.parametrize("data", [b"{", b"", b"[]", b"null", b'{"messages":[{"role":"user","content":"\\ud83d"}]}'])
async def test_a_body_that_is_no_object_is_400(client: Client, data: bytes) -> None:
    assert (await client.send("POST", "/chat/completions", data)).status == 400


@pytest.mark.parametrize("messages", [[], None, "hello"])
async def test_no_messages_is_400(client: Client, messages: object) -> None:
    reply = await post(client, messages=messages)
    assert reply.status == 400
    assert "Input required" in str(reply.error["message"])


async def test_a_prompt_stands_for_messages(client: Client) -> None:
    assert (await post(client, messages=None, prompt="Hello")).status == 200


@pytest.mark.parametrize(
    "message",
    [{"role": "wizard", "content": "x"}, {"role": "tool", "content": "x"}, {"role": "user"}, {"content": "x"}, "hello"],
)
async def test_a_malformed_message_is_400(client: Client, message: object) -> None:
    assert (await post(client, messages=[message])).status == 400


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("temperature", 2.1),
        ("temperature", "hot"),
        ("top_p", -1),
        ("presence_penalty", 3),
        ("max_tokens", 0),
        ("max_tokens", True),
        ("max_completion_tokens", "many"),
        ("stop", ["a", "b", "c", "d", "e"]),
        ("session_id", "x" * 257),
        ("metadata", {str(number): "x" for number in range(17)}),
        ("metadata", {"x" * 65: "x"}),
        ("reasoning", {"effort": "low", "max_tokens": 5}),
    ],
)
async def test_a_parameter_out_of_range_is_400(client: Client, name: str, value: object) -> None:
    assert (await post(client, **{name: value})).status == 400


async def test_unknown_parameters_are_ignored(client: Client) -> None:
    assert (await post(client, temperature=1, surprise={"a": 1}, stop="x")).status == 200


async def test_too_long_a_context_is_400_unless_it_may_be_compressed(client: Client) -> None:
    messages = [{"role": "user", "content": "word " * 17_000}]
    reply = await post(client, model="openai/gpt-3.5-turbo", messages=messages)
    assert reply.status == 400
    assert error_type(reply) == "context_length_exceeded"
    assert "maximum context length is 16385 tokens" in str(reply.error["message"])
    squeezed = {"model": "openai/gpt-3.5-turbo", "messages": messages, "transforms": ["middle-out"]}
    assert (await post(client, **squeezed)).status == 200


async def test_the_output_asked_for_counts_towards_the_context(client: Client) -> None:
    assert (await post(client, model="openai/gpt-3.5-turbo", max_tokens=16_380)).status == 400


async def test_reasoning_cannot_be_left_off_where_it_is_mandatory(client: Client) -> None:
    reply = await post(client, model="google/gemini-2.5-pro", reasoning={"effort": "none"})
    assert reply.status == 400
    assert (await post(client, model="openai/gpt-5.5", reasoning={"effort": "none"})).status == 200


def image(url: str) -> list[dict[str, object]]:
    part = {"type": "image_url", "image_url": {"url": url}}
    return [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, part]}]


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/a.png",
        "data:image/png;base64,***",
        "data:image/png,abc",
        "data:image/png;base64," + base64.b64encode(b"not an image").decode(),
    ],
)
async def test_a_bad_image_is_400(client: Client, url: str) -> None:
    reply = await post(client, messages=image(url))
    assert reply.status == 400
    assert "image" in str(error_type(reply))


async def test_a_good_image_costs_tokens(client: Client) -> None:
    usage = (await post(client, messages=image(png_data_url(200)))).json()["usage"]
    assert isinstance(usage, dict)
    assert usage["prompt_tokens"] > 85


async def test_a_model_that_cannot_see_has_no_endpoint_for_images(client: Client) -> None:
    reply = await post(client, model="openai/gpt-3.5-turbo", messages=image("https://example.com/a.png"))
    assert reply.status == 404


async def test_too_large_a_body_is_413(emulator: Emulator, client: Client) -> None:
    emulator.admin.max_body(1000)
    assert (await client.ask(text="x" * 2000)).status == 413


async def test_unknown_paths_and_methods_are_json_errors(client: Client) -> None:
    assert (await client.get("/nowhere")).error["code"] == 404
    assert (await client.get("/chat/completions")).error["code"] == 405


async def test_when_all_models_fail_the_last_failure_lists_the_others(client: Client) -> None:
    reply = await client.ask(f"{MODEL}+http429", models=["acme/x", "openai/gpt-4o+http503"])
    assert reply.status == 503
    metadata = reply.error["metadata"]
    assert isinstance(metadata, dict)
    assert [entry["code"] for entry in metadata["previous_errors"]] == [429, 400]
