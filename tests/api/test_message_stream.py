"""The stream of an answer: its frames, its headers, and that what is read is what is stored."""

import pytest

from ai_chat.emulators.openrouter.texts import long_text
from tests.api.helpers import assert_refused, eventually
from tests.conftest import BACKENDS
from tests.product import MODEL, Product, read_stream

WIRE_FAULTS = [
    "none", "trickle", "split_utf8", "split_data", "packed", "crlf", "cr", "mixed", "bom", "multiline", "no_space",
    "gzip", "unknown", "duplicate_finish", "empty_choices", "empty_delta", "no_usage", "null_cost", "noisy_cost",
    "eof_after_finish",
]  # fmt: skip
BREAKING_FAULTS = [
    "error_int", "error_string", "error_bare", "error_choice", "error_recorded", "reset", "truncate", "eof",
]  # fmt: skip


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_an_answer_streams_in_and_is_stored_byte_for_byte(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, "/emulator text=emoji\nПривет!")
    stream.check_order()
    assert set(stream.start) == {"type", "messageId", "userMessageId", "generationId", "model"}
    assert (stream.start["type"], stream.start["model"]) == ("start", MODEL)
    assert (stream.last["type"], stream.last["done"], stream.last["finishReason"]) == ("done", True, "stop")
    assert stream.last["tokensUsed"] > 0
    assert isinstance(stream.last["cost"], str)
    question, answer = await user.messages(chat)
    assert question["content"] == "/emulator text=emoji\nПривет!"
    assert answer["content"] == stream.text
    assert (answer["status"], answer["tokensUsed"]) == ("complete", stream.last["tokensUsed"])
    assert answer["cost"] == stream.last["cost"]
    assert float(answer["cost"]) > 0
    assert (question["id"], answer["id"]) == (stream.start["userMessageId"], stream.start["messageId"])
    assert answer["generationId"] == stream.start["generationId"]


async def test_tokens_used_are_the_upstream_s_total(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, "Hello")
    generation = next(found for found in product.emulator.admin.generations() if found.streamed)
    assert stream.last["tokensUsed"] == generation.prompt_tokens + generation.sent_tokens
    assert not stream.last["estimated"]


async def test_without_the_upstream_s_usage_tokens_are_estimated_and_marked(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, "/emulator fault=no_usage\nHello")
    assert stream.last["tokensUsed"] > 0
    assert stream.last["estimated"]


async def test_the_answer_is_finished_and_saved_when_the_reader_leaves(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator speed=200\nTell me") as response:
        first = await read_stream(response, frames=2)
    rest = await user.follow(chat, f"?after={first.frames[-1].seq}")
    assert rest is not None
    rest.check_order(after=2)
    _, answer = await user.messages(chat)
    assert answer["content"] == first.text + rest.text
    assert answer["status"] == "complete"


async def test_a_stream_has_the_headers_of_a_stream_and_those_of_every_answer(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with product.session.post(
        f"{product.url}/api/chat/{chat}/message",
        json={"content": "Hello"},
        headers=user.headers({"Origin": "http://localhost:3000"}),
    ) as response:
        await response.read()
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/event-stream"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert response.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert response.headers["Access-Control-Allow-Credentials"] == "true"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Request-Id"]


async def test_whatever_shape_the_upstream_s_bytes_have_the_text_arrives_whole(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    expected = (await user.send(chat, "/emulator text=emoji\nHello")).text
    for fault in WIRE_FAULTS:
        stream = await user.send(chat, f"/emulator text=emoji;fault={fault}\nHello")
        stream.check_order()
        assert (fault, stream.text, stream.last["type"]) == (fault, expected, "done")
        assert (await user.messages(chat))[-1]["content"] == expected


async def test_a_failure_in_mid_stream_ends_with_an_error_frame_and_keeps_the_text(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    for fault in BREAKING_FAULTS:
        stream = await user.send(chat, f"/emulator text=russian;speed=300;fault={fault};after=8\nHello")
        stream.check_order()
        assert (fault, stream.last["type"]) == (fault, "error")
        error = stream.last["error"]
        assert set(error) == {"code", "message", "retryable"}
        assert error["code"].startswith("UPSTREAM_"), fault
        assert [event["type"] for event in stream.events].count("error") == 1
        answer = (await user.messages(chat))[-1]
        assert stream.text
        assert (answer["content"], answer["status"], answer["errorCode"]) == (stream.text, "failed", error["code"])


async def test_after_a_failure_the_chat_goes_on(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "/emulator fault=reset;after=5\nHello")
    assert (await user.send(chat, "And now?")).last["type"] == "done"


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 408, 413, 429, 500, 502, 503, 529])
async def test_a_status_of_the_upstream_becomes_an_error_frame_without_its_secrets(
    product: Product, status: int
) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, f"/emulator fault=http{status};message=sk-or-secret at 10.1.2.3\nHello")
    assert [event["type"] for event in stream.events] == ["start", "error"]
    assert stream.last["error"]["code"].startswith("UPSTREAM_")
    assert "secret" not in stream.last["error"]["message"]


async def test_an_answer_that_was_cut_at_the_limit_says_so(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, "/emulator text=count;tokens=5000\nGo")
    assert (stream.last["type"], stream.last["finishReason"]) == ("done", "length")
    assert (await user.messages(chat))[-1]["finishReason"] == "length"


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_an_answer_of_100_000_characters_is_kept_whole(product: Product) -> None:
    user = await product.user("premium")
    chat = await user.new_chat("openai/gpt-5.4")
    stream = await user.send(chat, "/emulator text=long;chars=100000\nGo")
    assert stream.text == long_text(100_000)
    assert (await user.messages(chat))[-1]["content"] == stream.text


async def test_reasoning_has_frames_of_its_own_and_is_no_part_of_the_text(product: Product) -> None:
    user = await product.user("premium")
    chat = await user.new_chat("deepseek/deepseek-r1-0528")
    stream = await user.send(chat, "/emulator text=reasoning\nПодумай")
    thoughts = "".join(event["reasoning"] for event in stream.events if event["type"] == "reasoning")
    answer = (await user.messages(chat))[-1]
    assert thoughts
    assert (answer["reasoning"], answer["content"]) == (thoughts, stream.text)
    assert thoughts not in stream.text


@pytest.mark.parametrize("text", ["%00", "a%00b%00", "%00%00до"])
@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_a_nul_of_the_upstream_is_left_out_and_breaks_nothing(product: Product, text: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, f"/emulator script={text}\nHello")
    assert "\x00" not in stream.text
    assert stream.last["type"] == ("error" if text == "%00" else "done")
    assert (await user.messages(chat))[-1]["content"] == stream.text


async def test_stopping_keeps_the_text_so_far_and_ends_the_upstream_s_work(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator text=count;tokens=3000;speed=100\nGo") as response:
        begin = await read_stream(response, frames=4)
        assert (await user.post(f"/api/chat/{chat}/stop")).data == {"stopped": True}
        end = await read_stream(response)
    assert (end.last["type"], end.last["finishReason"]) == ("done", "stopped")
    await product.emulator.admin.idle()
    answer = (await user.messages(chat))[-1]
    assert (answer["content"], answer["status"]) == (begin.text + end.text, "stopped")
    assert answer["content"]
    assert (await user.post(f"/api/chat/{chat}/stop")).data == {"stopped": False}


async def test_stopping_where_nothing_runs_stops_nothing(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    assert (await user.post(f"/api/chat/{chat}/stop")).data == {"stopped": False}


async def test_an_answer_can_be_stopped_before_its_first_word(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator fault=hang\nHello") as response:
        await read_stream(response, frames=1)
        await user.post(f"/api/chat/{chat}/stop")
        end = await read_stream(response)
    assert (end.text, end.last["finishReason"]) == ("", "stopped")
    assert (await user.send(chat, "Again")).last["type"] == "done"


async def test_a_refusal_of_a_message_is_json_and_no_stream(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    answer = await user.post(f"/api/chat/{chat}/message", {"content": ""}, headers={"Accept": "text/event-stream"})
    assert_refused(answer, 400, "VALIDATION_ERROR")


async def test_a_hundred_readers_that_come_and_go_leave_nothing_behind(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator text=count;tokens=1000;speed=20\nGo") as response:
        await read_stream(response, frames=2)
        for _ in range(100):
            async with product.session.get(f"{product.url}/api/chat/{chat}/stream", headers=user.headers()) as reader:
                await read_stream(reader, frames=1)
        log = product.relay.log_of(product.relay.running[0])
        assert log is not None

        async def only_the_first_reader_waits() -> bool:
            return len(log._readers) <= 1

        await eventually(only_the_first_reader_waits)
        await user.post(f"/api/chat/{chat}/stop")
        await response.read()
