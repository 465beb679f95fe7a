"""The stream as it is when nothing goes wrong: external-apis.md A3."""

from __future__ import annotations

import json
import re

import pytest

from ai_chat.emulators.openrouter import Emulator, tokens
from tests.emulators.client import MODEL, Client


async def test_the_first_bytes_are_a_comment_and_the_last_are_done(client: Client) -> None:
    reply = await client.ask()
    assert reply.body.startswith(b": OPENROUTER PROCESSING\n\ndata: {")
    assert reply.body.endswith(b"}\n\ndata: [DONE]\n\n")
    assert b"\r" not in reply.body


async def test_the_headers_are_those_of_the_recordings(client: Client) -> None:
    reply = await client.ask()
    assert reply.status == 200
    assert reply.headers["content-type"] == "text/event-stream"
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.headers["transfer-encoding"] == "chunked"
    assert reply.headers["access-control-allow-origin"] == "*"
    assert reply.headers["x-generation-id"] == reply.events[0].value["id"]
    assert reply.headers["x-provider-name"] == "OpenAI"


async def test_every_chunk_has_the_same_head_and_every_delta_its_role(client: Client) -> None:
    events = (await client.ask()).events
    heads = {
        tuple(str(event.value[name]) for name in ("id", "object", "created", "model", "provider")) for event in events
    }
    assert len(heads) == 1
    assert re.fullmatch(r"gen-\d{10}-[A-Za-z0-9]{20}", str(events[0].value["id"]))
    assert {event.delta["role"] for event in events} == {"assistant"}
    assert list(events[0].value) == ["id", "object", "created", "model", "provider", "choices"]
    assert list(events[0].choice) == ["index", "delta", "finish_reason", "native_finish_reason"]


async def test_one_delta_is_one_token_and_usage_counts_them(client: Client) -> None:
    reply = await client.ask(text="How are you?")
    deltas = [event.content for event in reply.events if event.content]
    assert tuple(deltas) == tokens.split(reply.text)
    assert "How are you?" in reply.text
    prompt = tokens.PER_PROMPT + tokens.PER_MESSAGE + tokens.count("How are you?")
    assert reply.usages == [
        {
            "prompt_tokens": prompt,
            "completion_tokens": len(deltas),
            "total_tokens": prompt + len(deltas),
            "cost": pytest.approx(prompt * 0.15e-6 + len(deltas) * 0.6e-6, rel=1e-12),
            "is_byok": False,
            "prompt_tokens_details": {
                "cached_tokens": 0,
                "cache_write_tokens": 0,
                "audio_tokens": 0,
                "video_tokens": 0,
            },
            "cost_details": {
                "upstream_inference_cost": pytest.approx(prompt * 0.15e-6 + len(deltas) * 0.6e-6, rel=1e-12),
                "upstream_inference_prompt_cost": pytest.approx(prompt * 0.15e-6, rel=1e-12),
                "upstream_inference_completions_cost": pytest.approx(len(deltas) * 0.6e-6, rel=1e-12),
            },
            "completion_tokens_details": {"reasoning_tokens": 0, "image_tokens": 0, "audio_tokens": 0},
        }
    ]


async def test_usage_shape_a_has_a_choice_without_a_finish(client: Client) -> None:
    *_, finish, usage = (await client.ask(f"{MODEL}+usage=a")).events
    assert finish.choice["finish_reason"] == "stop"
    assert usage.choice["finish_reason"] is None
    assert "usage" in usage.value


async def test_usage_shape_b_has_no_choices(client: Client) -> None:
    *_, finish, usage = (await client.ask(f"{MODEL}+usage=b")).events
    assert finish.choice["finish_reason"] == "stop"
    assert usage.value["choices"] == []


async def test_usage_shape_c_repeats_the_finish_and_has_a_service_tier(client: Client) -> None:
    *_, finish, usage = (await client.ask(f"{MODEL}+usage=c")).events
    assert finish.choice == usage.choice
    assert usage.value["service_tier"] is None
    assert "service_tier" not in finish.value
    *_, usage = (await client.ask(f"{MODEL}+usage=c;service_tier=priority")).events
    assert usage.value["service_tier"] == "priority"


async def test_usage_shape_d_comes_with_the_only_finish(client: Client) -> None:
    events = (await client.ask(f"{MODEL}+usage=d")).events
    assert [bool(event.choice["finish_reason"]) for event in events].count(True) == 1
    assert "usage" in events[-1].value


async def test_comments_come_before_and_between_as_asked(client: Client) -> None:
    reply = await client.ask(f"{MODEL}+comments=3;comments_every=2;text=count;tokens=4")
    blocks = reply.body.decode().split("\n\n")
    assert [block.startswith(":") for block in blocks[:9]] == [True] * 3 + [False, False, True, False, False, True]


async def test_the_reply_may_call_the_model_by_its_dated_name(client: Client) -> None:
    dated = await client.ask("anthropic/claude-sonnet-4.6")
    assert dated.events[0].value["model"] == "anthropic/claude-4.6-sonnet-20260217"
    same = await client.ask(MODEL)
    assert same.events[0].value["model"] == MODEL


async def test_reasoning_comes_before_the_text_with_its_details(client: Client) -> None:
    reply = await client.ask("anthropic/claude-sonnet-5", reasoning={"effort": "low"})
    kinds = ["reasoning" if event.delta.get("reasoning") else "text" for event in reply.events]
    assert kinds == sorted(kinds)
    first = reply.events[0]
    detail = {"type": "reasoning.text", "format": "anthropic-claude-v1", "index": 0, "text": first.delta["reasoning"]}
    assert first.delta["content"] == ""
    assert first.delta["reasoning_details"] == [detail]
    details = reply.usages[0]["completion_tokens_details"]
    assert isinstance(details, dict)
    assert details["reasoning_tokens"] == kinds.count("reasoning")


async def test_openai_models_send_an_encrypted_blob_first(client: Client) -> None:
    first = (await client.ask("openai/gpt-5.5", reasoning_effort="high")).events[0]
    assert '"reasoning.encrypted"' in json.dumps(first.delta)


async def test_models_that_can_leave_reasoning_off_do_so_unless_asked(client: Client) -> None:
    assert not any("reasoning" in event.delta for event in (await client.ask("openai/gpt-5.5")).events)
    assert any("reasoning" in event.delta for event in (await client.ask("google/gemini-2.5-pro")).events)


async def test_excluded_reasoning_is_paid_but_not_shown(client: Client) -> None:
    reply = await client.ask("google/gemini-2.5-pro", reasoning={"exclude": True})
    assert not any("reasoning" in event.delta for event in reply.events)
    details = reply.usages[0]["completion_tokens_details"]
    assert isinstance(details, dict)
    assert details["reasoning_tokens"] > 0


async def test_tool_calls_name_themselves_once_and_interleave(client: Client) -> None:
    reply = await client.ask(f"{MODEL}+text=tools", text="weather in Perm")
    calls = [event.delta["tool_calls"] for event in reply.events if "tool_calls" in event.delta]
    assert all(isinstance(call, list) for call in calls)
    flat = [call[0] for call in calls if isinstance(call, list)]
    assert [call["index"] for call in flat[:4]] == [0, 1, 0, 1]
    assert [call.get("id") for call in flat[:3]] == ["call_emulator0", "call_emulator1", None]
    arguments = "".join(call["function"]["arguments"] for call in flat if call["index"] == 1)
    assert json.loads(arguments) == {"query": "weather in Perm"}
    assert reply.events[-1].choice["finish_reason"] == "tool_calls"


async def test_a_required_tool_is_called_by_its_name(client: Client) -> None:
    tool = {"type": "function", "function": {"name": "search", "parameters": {}}}
    reply = await client.ask(tools=[tool], tool_choice="required")
    assert '"name":"search"' in reply.body.decode()


async def test_tool_arguments_may_all_be_empty(client: Client) -> None:
    reply = await client.ask(f"{MODEL}+tools_empty")
    assert reply.body.count(b'"arguments":""') == 4


async def test_citations_come_one_a_chunk_before_the_text(client: Client) -> None:
    reply = await client.ask(f"{MODEL}:online")
    cited = [bool(event.delta.get("annotations")) for event in reply.events]
    assert cited[:3] == [True, True, False]
    cost = reply.usages[0]["cost"]
    assert isinstance(cost, float)
    assert cost > 0.007


async def test_an_image_is_one_line_of_more_than_a_megabyte_and_a_half(client: Client) -> None:
    reply = await client.ask("google/gemini-2.5-flash-image", modalities=["image", "text"])
    assert max(map(len, reply.body.split(b"\n"))) > 1_500_000
    assert reply.usages[0]["completion_tokens_details"] == {
        "reasoning_tokens": 0,
        "image_tokens": 1290,
        "audio_tokens": 0,
    }


async def test_max_tokens_ends_the_answer_with_length(client: Client) -> None:
    reply = await client.ask(max_tokens=5)
    assert reply.usages[0]["completion_tokens"] == 5
    assert reply.events[-1].choice["finish_reason"] == "length"


async def test_a_stop_string_ends_the_answer(client: Client) -> None:
    assert (await client.ask(f"{MODEL}+script=one two three", stop=["three", "two"])).text == "one "


async def test_without_stream_the_same_answer_comes_whole(client: Client) -> None:
    streamed = await client.ask()
    whole = await client.ask(stream=False)
    body = whole.json()
    assert whole.headers["content-type"] == "application/json"
    assert list(body) == ["id", "object", "created", "model", "provider", "system_fingerprint", "choices", "usage"]
    choices = body["choices"]
    assert isinstance(choices, list)
    assert choices[0]["message"] == {
        "role": "assistant",
        "content": streamed.text,
        "refusal": None,
        "reasoning": None,
    }
    assert body["usage"] == streamed.usages[0]


async def test_at_full_speed_everything_leaves_in_one_write(client: Client) -> None:
    assert len((await client.ask()).chunks) == 1


async def test_at_a_given_speed_every_token_leaves_at_its_time(client: Client) -> None:
    reply = await client.ask(f"{MODEL}+speed=1000;text=count;tokens=8")
    assert len(reply.chunks) >= 3
    assert reply.text == " 1 2 3 4 5 6 7 8"


async def test_speed_is_set_for_all_requests_by_the_admin(emulator: Emulator, client: Client) -> None:
    emulator.admin.speed(1000, ttft_ms=1, jitter=0.5, seed=3)
    assert len((await client.ask()).chunks) >= 3


async def test_a_fallback_model_answers_and_says_so(client: Client) -> None:
    reply = await client.ask(f"{MODEL}+http503", models=["acme/unknown", "x-ai/grok-4.3"])
    assert reply.events[0].value["model"] == "x-ai/grok-4.3"


async def test_without_a_model_the_router_answers(client: Client) -> None:
    asked = {"messages": [{"role": "user", "content": "Hi"}], "stream": True}
    assert (await client.send("POST", "/chat/completions", asked)).events[0].value["model"] == MODEL
