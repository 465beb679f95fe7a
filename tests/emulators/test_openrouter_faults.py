"""Every fault knob does what it says, on the wire: external-apis.md C1, point 8."""

from __future__ import annotations

import asyncio
import gzip
import json
import re

import pytest

from ai_chat.emulators.openrouter import Emulator
from ai_chat.emulators.openrouter.faults import FAULTS
from tests.emulators.client import MODEL, Client, Reply, hang_up, read_chunk, read_head

ANSWER = "one two three four"


async def ask(client: Client, knobs: str, script: str = ANSWER) -> Reply:
    return await client.ask(f"{MODEL}+script={script};{knobs}")


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504, 524, 529])
async def test_a_status_before_the_stream_repeats_itself_in_the_body(client: Client, status: int) -> None:
    reply = await ask(client, f"http{status}")
    assert reply.status == status
    assert reply.headers["content-type"] == "application/json"
    assert reply.error["code"] == status
    assert reply.error["message"]


async def test_retry_after_may_be_seconds_or_a_date(client: Client) -> None:
    assert (await ask(client, "http429;retry_after=3")).headers["retry-after"] == "3"
    dated = await ask(client, "http503;retry_after=Wed, 21 Oct 2026 07:28:00 GMT")
    assert dated.headers["retry-after"] == "Wed, 21 Oct 2026 07:28:00 GMT"


async def test_an_upstream_429_names_the_provider(client: Client) -> None:
    metadata = (await ask(client, "http429")).error["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["limit_source"] == "upstream_provider_shared_pool"
    assert metadata["provider_name"] == "OpenAI"


async def test_a_daily_429_has_rate_limit_headers_in_milliseconds(client: Client) -> None:
    reply = await ask(client, "http429;kind=daily")
    assert str(reply.error["message"]).startswith("Rate limit exceeded: free-models-per-day.")
    assert reply.headers["x-ratelimit-remaining"] == "0"
    assert len(reply.headers["x-ratelimit-reset"]) == 13


async def test_402_has_two_texts(client: Client) -> None:
    assert "can only afford 779" in str((await ask(client, "http402")).error["message"])
    assert "Prompt tokens limit exceeded" in str((await ask(client, "http402;kind=prompt")).error["message"])


async def test_403_is_moderation_or_a_guardrail(client: Client) -> None:
    assert "flagged_input" in str((await ask(client, "http403")).error["metadata"])
    assert "patterns" in str((await ask(client, "http403;kind=guardrail")).error["metadata"])


@pytest.mark.parametrize(
    ("kind", "code"),
    [("deprecated", "model_deprecated"), ("privacy", "privacy_restricted"), ("free_ended", "free_variant_ended")],
)
async def test_404_says_why_the_model_is_unavailable(client: Client, kind: str, code: str) -> None:
    availability = (await ask(client, f"http404;kind={kind}")).error["availability"]
    assert isinstance(availability, dict)
    assert availability["code"] == code


async def test_the_edge_network_answers_in_html(client: Client) -> None:
    reply = await ask(client, "html502")
    assert reply.status == 502
    assert reply.headers["content-type"].startswith("text/html")
    assert reply.body.startswith(b"<!DOCTYPE html>")


async def test_the_newest_error_shape_has_no_code(client: Client) -> None:
    reply = await ask(client, "codeless404")
    assert reply.status == 404
    assert "code" not in reply.error
    assert reply.error["http_status"] == 404


async def test_an_error_may_come_with_status_200_and_no_stream(client: Client) -> None:
    reply = await ask(client, "json_200")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert reply.error["code"] == 502


async def test_an_error_message_can_be_chosen(client: Client) -> None:
    assert (await ask(client, "http500;message=Boom%3B bang")).error["message"] == "Boom; bang"
    assert '"Boom"' in (await ask(client, "error_int;message=Boom")).payloads[-1]


async def test_an_error_chunk_with_an_integer_code(client: Client) -> None:
    reply = await ask(client, "error_int;after=2")
    last = reply.events[-1]
    assert reply.text == "one two"[: len(reply.text)]
    assert last.value["error"] == {"code": 502, "message": "Provider disconnected unexpectedly"}
    assert last.choice["finish_reason"] == "error"
    assert "[DONE]" not in reply.payloads


async def test_an_error_chunk_with_a_string_code(client: Client) -> None:
    error = (await ask(client, "error_string")).events[-1].value["error"]
    assert isinstance(error, dict)
    assert error["code"] == "server_error"


async def test_a_bare_error_event_has_nothing_but_the_error(client: Client) -> None:
    assert set((await ask(client, "error_bare")).events[-1].value) == {"error", "user_id"}


async def test_an_error_inside_the_choice(client: Client) -> None:
    last = (await ask(client, "error_choice")).events[-1]
    assert "error" not in last.value
    assert "error" in last.choice


async def test_the_recorded_error_has_usage_and_is_followed_by_done(client: Client) -> None:
    reply = await ask(client, "error_recorded")
    last = reply.events[-1]
    assert last.choice["finish_reason"] is None
    assert {"error", "usage"} <= set(last.value)
    assert reply.payloads[-1] == "[DONE]"


async def test_an_error_may_come_after_the_comments_and_before_any_token(client: Client) -> None:
    reply = await ask(client, "error_int;after=0;comments=2")
    assert reply.body.startswith(b": OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\ndata: ")
    assert len(reply.events) == 1


async def test_a_reset_comes_in_the_middle_of_an_event(client: Client) -> None:
    reply = await ask(client, "reset;after=2")
    assert isinstance(reply.broken, ConnectionResetError)
    assert b'"content":"one"' in reply.body


async def test_a_reset_may_come_before_the_status_line(client: Client) -> None:
    reply = await ask(client, "reset_connect")
    assert isinstance(reply.broken, ConnectionResetError)
    assert reply.status == 0


async def test_a_truncated_body_ends_inside_an_http_chunk(client: Client) -> None:
    reply = await ask(client, "truncate;after=2")
    assert isinstance(reply.broken, asyncio.IncompleteReadError)
    assert b'"content":"one"' in reply.body
    assert not reply.body.endswith(b"\n\n")


async def test_a_clean_end_without_finish_or_done(client: Client) -> None:
    reply = await ask(client, "eof;after=2")
    assert reply.broken is None
    assert reply.body.endswith(b"\n\n")
    assert not any(event.choice.get("finish_reason") for event in reply.events)


async def test_a_clean_end_after_the_finish_without_done(client: Client) -> None:
    reply = await ask(client, "eof_after_finish")
    assert reply.events[-1].choice["finish_reason"] == "stop"
    assert b"[DONE]" not in reply.body


async def test_a_fault_later_than_the_answer_strikes_before_its_finish(client: Client) -> None:
    reply = await ask(client, "eof;after=1000")
    assert reply.text == ANSWER
    assert not any(event.choice.get("finish_reason") for event in reply.events)


async def test_a_stall_is_silent_and_then_goes_on(client: Client) -> None:
    reply = await ask(client, "stall;seconds=0.005;after=2")
    assert len(reply.chunks) == 2
    assert reply.text == ANSWER
    assert reply.body.endswith(b"[DONE]\n\n")


async def test_a_stall_may_be_filled_with_comments(client: Client) -> None:
    reply = await ask(client, "stall;seconds=0.009;keepalive_ms=2;after=2;comments=0")
    assert reply.chunks[1] == b": OPENROUTER PROCESSING\n\n"
    assert reply.text == ANSWER


async def test_a_hang_sends_not_even_a_status(emulator: Emulator, client: Client) -> None:
    reader, writer = await client.open("POST", "/chat/completions", _body("hang"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.005)
    await hang_up(writer)
    await emulator.admin.idle()


async def test_a_trickle_is_one_byte_a_write(client: Client) -> None:
    reply = await ask(client, "trickle", "ok")
    assert {len(chunk) for chunk in reply.chunks} == {1}
    assert reply.text == "ok"


async def test_writes_may_end_inside_a_character(client: Client) -> None:
    reply = await ask(client, "split_utf8", "Привет 😀")
    assert reply.text == "Привет 😀"
    with pytest.raises(UnicodeDecodeError):
        reply.chunks[0].decode()


async def test_writes_may_end_inside_the_word_data(client: Client) -> None:
    reply = await ask(client, "split_data")
    assert reply.chunks[0].endswith(b"da")
    assert reply.chunks[1].startswith(b"ta: ")
    assert reply.text == ANSWER


async def test_writes_may_have_a_size(client: Client) -> None:
    reply = await ask(client, "split=7")
    assert {len(chunk) for chunk in reply.chunks[:-1]} == {7}
    assert reply.text == ANSWER


async def test_writes_may_hold_a_number_of_events(client: Client) -> None:
    packed = await ask(client, "packed")
    assert packed.chunks[0].count(b"\n\n") == 5
    single = await ask(client, "batch=1")
    assert {chunk.count(b"\n\n") for chunk in single.chunks} == {1}


@pytest.mark.parametrize(("fault", "end"), [("crlf", b"\r\n"), ("cr", b"\r")])
async def test_line_ends(client: Client, fault: str, end: bytes) -> None:
    reply, plain = await ask(client, fault), await ask(client, "none")
    other = re.sub(rb"gen-\d+-\w+", plain.headers["x-generation-id"].encode(), reply.body)
    assert re.sub(rb'"created":\d+', b"", other) == re.sub(rb'"created":\d+', b"", plain.body).replace(b"\n", end)


async def test_mixed_line_ends_never_make_one_end_of_two(client: Client) -> None:
    body = (await ask(client, "mixed;text=count;tokens=20")).body.decode()
    lines = re.split("\r\n|\n|\r", body)
    assert {"\r\n\r\n", "\n\n", "\r\r"} <= set(re.findall("[\r\n]+", body))
    assert lines[1::2] == [""] * (len(lines) // 2)


async def test_a_byte_order_mark(client: Client) -> None:
    assert (await ask(client, "bom;comments=0")).body.startswith(b"\xef\xbb\xbfdata: {")


async def test_data_over_several_lines_joins_to_the_same_json(client: Client) -> None:
    body = (await ask(client, "multiline")).body.decode()
    event = body.split("\n\n")[1]
    lines = [line.removeprefix("data: ") for line in event.split("\n")]
    assert len(lines) > 3
    assert json.loads("\n".join(lines))["object"] == "chat.completion.chunk"


async def test_data_without_a_space(client: Client) -> None:
    body = (await ask(client, "no_space")).body
    assert b"\n\ndata:{" in body
    assert body.endswith(b"data:[DONE]\n\n")


async def test_gzip_is_flushed_after_every_write(client: Client) -> None:
    reply = await ask(client, "gzip;batch=1")
    assert reply.headers["content-encoding"] == "gzip"
    assert len(reply.chunks) > 3
    assert gzip.decompress(reply.body).endswith(b"data: [DONE]\n\n")


async def test_unknown_fields_and_events(client: Client) -> None:
    body = (await ask(client, "unknown")).body
    for line in (b"id: 42\n", b"retry: 3000\n", b"event: weather\n", b"chat.completion.surprise", b'"x_future"'):
        assert line in body


async def test_an_event_that_is_not_json(client: Client) -> None:
    assert (await ask(client, "garbage;after=1")).payloads[1] == "{not json"


async def test_a_duplicate_finish(client: Client) -> None:
    finishes = [event.choice.get("finish_reason") for event in (await ask(client, "duplicate_finish;usage=b")).events]
    assert finishes.count("stop") == 2


async def test_no_usage(client: Client) -> None:
    reply = await ask(client, "no_usage")
    assert reply.usages == []
    assert reply.events[-1].choice["finish_reason"] == "stop"


async def test_a_null_cost(client: Client) -> None:
    assert (await ask(client, "null_cost")).usages[0]["cost"] is None


async def test_a_noisy_cost_has_too_many_digits(client: Client) -> None:
    noisy = re.search(rb'"cost":([^,]+)', (await ask(client, "noisy_cost")).body)
    assert noisy
    assert len(noisy[1]) > 15


async def test_a_small_cost_is_written_with_an_exponent(client: Client) -> None:
    reply = await client.ask("meta-llama/llama-3.1-8b-instruct+script=a", "a")
    assert re.search(rb'"cost":\d(\.\d+)?e-7,', reply.body)


async def test_empty_choices_in_mid_stream(client: Client) -> None:
    values = [event.value["choices"] for event in (await ask(client, "empty_choices")).events]
    assert [] in values[:-1]


async def test_empty_deltas_and_null_content_in_mid_stream(client: Client) -> None:
    deltas = [event.delta for event in (await ask(client, "empty_delta")).events]
    assert {} in deltas
    assert {"role": "assistant", "content": None} in deltas


async def test_an_empty_completion_costs_nothing(emulator: Emulator, client: Client) -> None:
    reply = await ask(client, "empty")
    assert reply.text == ""
    assert reply.usages[0]["cost"] == 0
    assert emulator.admin.balance == 100


async def test_length_with_nothing_but_reasoning(client: Client) -> None:
    reply = await ask(client, "length_reasoning")
    assert reply.text == ""
    assert any(event.delta.get("reasoning") for event in reply.events)
    assert reply.events[-1].choice["finish_reason"] == "length"


async def test_the_finish_reason_can_be_chosen(client: Client) -> None:
    choice = (await ask(client, "finish=content_filter;native_finish=SAFETY")).events[-1].choice
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("content_filter", "SAFETY")


async def test_faults_combine(client: Client) -> None:
    body = (await ask(client, "fault=crlf,bom,error_int;comments=0")).body
    assert body.startswith(b"\xef\xbb\xbfdata: ")
    assert body.endswith(b"]}\r\n\r\n")
    assert b'"error"' in body


async def test_the_header_and_the_message_turn_knobs_too(client: Client) -> None:
    assert (await client.ask(headers={"X-Emulator-Fault": "http503"})).status == 503
    assert (await client.ask(text="/emulator text=echo\nthe rest")).text == "the rest"


async def test_a_misspelt_knob_is_refused_loudly(client: Client) -> None:
    for wrong in ("fault=no_usages", "sped=3", "text=klingon", "speed=fast", "usage=z", "after=-1"):
        reply = await client.ask(f"{MODEL}+{wrong}")
        assert reply.status == 400
        assert str(reply.error["message"]).startswith("emulator: ")


async def test_without_streaming_an_error_leaves_partial_text_in_the_choice(client: Client) -> None:
    body = (await client.ask(f"{MODEL}+script={ANSWER};error_int;after=1", stream=False)).json()
    choices = body["choices"]
    assert isinstance(choices, list)
    assert choices[0]["finish_reason"] == "error"
    assert choices[0]["error"]["code"] == 502
    assert choices[0]["message"]["content"] == "one"


@pytest.mark.parametrize("fault", ["reset", "truncate", "eof"])
async def test_without_streaming_the_body_may_break_off(client: Client, fault: str) -> None:
    reply = await client.ask(f"{MODEL}+{fault}", stream=False)
    assert (reply.broken is None) == (fault == "eof")
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        reply.json()


async def test_a_fault_may_strike_the_other_endpoints(emulator: Emulator, client: Client) -> None:
    for fault in ("http500", "html502", "garbage", "reset_connect"):
        emulator.admin.fault(fault, path="/models")
    assert (await client.get("/models")).status == 500
    assert (await client.get("/models")).status == 502
    assert (await client.get("/models")).body == b"<not json>"
    assert isinstance((await client.get("/models")).broken, ConnectionResetError)
    assert (await client.get("/models")).status == 200


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if "<" not in fault and fault != "hang"])
async def test_no_fault_breaks_the_emulator_itself(emulator: Emulator, client: Client, fault: str) -> None:
    for streamed in (True, False):
        await client.ask(f"{MODEL}+{fault};seconds=0.001", stream=streamed)
    assert (await client.ask()).body.endswith(b"data: [DONE]\n\n")
    await emulator.admin.idle()
    assert {generation.outcome for generation in emulator.admin.generations()} <= {
        "done",
        "failed",
        "broken",
        "cancelled",
    }


async def test_the_torn_bytes_of_a_reset_are_seen_chunk_by_chunk(client: Client) -> None:
    reader, writer = await client.open("POST", "/chat/completions", _body("reset"))
    await read_head(reader, Reply())
    assert (await read_chunk(reader)).startswith(b": OPENROUTER")
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await read_chunk(reader)
    await hang_up(writer)


def _body(knobs: str) -> dict[str, object]:
    return {"model": f"{MODEL}+{knobs}", "stream": True, "messages": [{"role": "user", "content": "Hello"}]}
