"""The official `openai` package works against /v1 unchanged: streams, whole answers, typed errors, usage, cancelling."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import openai
import pytest
from openai import AsyncOpenAI, AsyncStream, OpenAI
from openai.types.chat import ChatCompletionChunk
from sqlalchemy import select

from ai_chat.features.chats.models import Generation
from ai_chat.features.usage.models import UsageEntry
from tests.api.helpers import eventually, questions_upstream, use_messages, used_messages
from tests.product import MODEL, PREMIUM_MODEL, Api, Product

ASK: list[Any] = [{"role": "user", "content": "Hello"}]
SLOW: list[Any] = [{"role": "user", "content": "/emulator text=count;tokens=1000;speed=50\nGo"}]


def failing(spec: str) -> list[Any]:
    return [{"role": "user", "content": f"/emulator {spec}\nGo"}]


async def secret_of(user: Api, **wishes: Any) -> str:
    return str((await user.post("/api/keys", {"name": "Test", **wishes})).data["key"])


@asynccontextmanager
async def program(product: Product, user: Api | None = None, **wishes: Any) -> AsyncIterator[AsyncOpenAI]:
    user = user or await product.user()
    key = await secret_of(user, **wishes)
    async with AsyncOpenAI(api_key=key, base_url=f"{product.url}/v1", max_retries=0) as client:
        yield client


async def read(stream: AsyncStream[ChatCompletionChunk], on_piece: Callable[[str], object]) -> None:
    """The stream to its end."""
    async for chunk in stream:
        for choice in chunk.choices:
            if choice.delta.content:
                on_piece(choice.delta.content)


async def entries(product: Product) -> list[tuple[str, int]]:
    """What the ledger says: how each message ended, and its completion tokens."""
    rows = await product.database.read(
        lambda session: session.execute(select(UsageEntry.state, UsageEntry.completion_tokens)).all()
    )
    return [(row[0], row[1]) for row in rows]


async def nothing_is_open(product: Product) -> bool:
    running = select(Generation.id).where(Generation.status == "running")
    open_rows = await product.database.read(lambda session: session.scalars(running).all())
    return not open_rows and len(product.relay) == 0 and all(state != "reserved" for state, _ in await entries(product))


@pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)
async def test_a_whole_answer(product: Product) -> None:
    user = await product.user()
    async with program(product, user) as client:
        answer = await client.chat.completions.create(model=MODEL, messages=ASK)
    [choice] = answer.choices
    assert (answer.object, answer.model, choice.finish_reason) == ("chat.completion", MODEL, "stop")
    assert choice.message.role == "assistant"
    assert choice.message.content
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 0
    assert await used_messages(user) == 1
    assert await entries(product) == [("settled", answer.usage.completion_tokens)]
    assert (await user.get("/api/chat")).data == [], "it is an answer to a program and no chat"
    [key] = (await user.get("/api/keys")).data
    assert key["used"]["messagesToday"] == 1
    assert key["lastUsedAt"] is not None


@pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)
async def test_a_stream_says_the_same_as_a_whole_answer(product: Product) -> None:
    async with program(product) as client:
        whole = await client.chat.completions.create(model=MODEL, messages=ASK)
        stream = await client.chat.completions.create(
            model=MODEL, messages=ASK, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
    assert chunks[0].choices[0].delta.role == "assistant"
    text = "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)
    assert text == whole.choices[0].message.content
    assert {chunk.id for chunk in chunks} == {chunks[0].id}
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].choices == []
    assert chunks[-1].usage == whole.usage
    assert all(chunk.usage is None for chunk in chunks[:-1])


async def test_without_asking_for_it_a_stream_has_no_usage(product: Product) -> None:
    async with program(product) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=ASK, stream=True)
        chunks = [chunk async for chunk in stream]
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)


async def test_the_synchronous_client_works_too(product: Product) -> None:
    key = await secret_of(await product.user())

    def ask() -> str:
        with OpenAI(api_key=key, base_url=f"{product.url}/v1", max_retries=0) as client:
            stream = client.chat.completions.create(model=MODEL, messages=ASK, stream=True)
            return "".join(chunk.choices[0].delta.content or "" for chunk in stream)

    assert await asyncio.to_thread(ask)


async def test_models_are_listed_as_the_plan_and_the_key_allow(product: Product) -> None:
    free, premium = await product.user(), await product.user("premium")
    async with program(product, free) as client:
        listed = [model.id async for model in client.models.list()]
        assert MODEL in listed
        assert PREMIUM_MODEL not in listed
        assert (await client.models.retrieve(MODEL)).id == MODEL
        with pytest.raises(openai.PermissionDeniedError):
            await client.models.retrieve(PREMIUM_MODEL)
        with pytest.raises(openai.NotFoundError):
            await client.models.retrieve("nobody/nothing")
    async with program(product, premium) as client:
        assert {MODEL, PREMIUM_MODEL} <= {model.id async for model in client.models.list()}
    async with program(product, premium, models=[PREMIUM_MODEL]) as client:
        assert [model.id async for model in client.models.list()] == [PREMIUM_MODEL]


@pytest.mark.parametrize("key", ["sk-aichat-" + "0" * 64, "sk-something-else", "x", "sk-aichat-" + "я" * 5])
async def test_a_key_that_is_none_is_an_authentication_error(product: Product, key: str) -> None:
    answer = await product.anonymous.get("/v1/models", headers={"Authorization": b"Bearer ".decode() + key})
    assert answer.status == 401
    assert answer.body["error"] | {"message": ""} == {
        "message": "", "type": "invalid_request_error", "param": None, "code": "invalid_api_key",
    }  # fmt: skip


async def test_a_session_s_token_is_no_api_key(product: Product) -> None:
    user = await product.user()
    assert (await user.get("/v1/models")).status == 401
    assert (await product.anonymous.get("/v1/models")).status == 401


async def test_a_deleted_an_expired_and_a_blocked_user_s_key_open_nothing(product: Product) -> None:
    user = await product.user()
    async with program(product, user) as client:
        await client.models.list()
        [key] = (await user.get("/api/keys")).data
        await user.delete(f"/api/keys/{key['id']}")
        with pytest.raises(openai.AuthenticationError) as refused:
            await client.models.list()
        assert refused.value.code == "invalid_api_key"
    async with program(product, user, expiresAt=product.clock().replace(year=2099).isoformat()) as client:
        await client.models.list()
        product.clock.travel(days=365 * 80)
        with pytest.raises(openai.AuthenticationError):
            await client.models.list()


async def test_a_key_does_only_what_its_scopes_and_models_allow(product: Product) -> None:
    user = await product.user("premium")
    async with program(product, user, scopes=["models"], models=[MODEL]) as client:
        await client.models.list()
        with pytest.raises(openai.PermissionDeniedError):
            await client.chat.completions.create(model=MODEL, messages=ASK)
    async with program(product, user, scopes=["chat"], models=[MODEL]) as client:
        with pytest.raises(openai.PermissionDeniedError):
            await client.models.list()
        with pytest.raises(openai.PermissionDeniedError) as refused:
            await client.chat.completions.create(model=PREMIUM_MODEL, messages=ASK)
        assert refused.value.code == "not_allowed_to_key"
        await client.chat.completions.create(model=MODEL, messages=ASK)


async def test_a_premium_model_is_denied_to_the_free_plan(product: Product) -> None:
    async with program(product) as client:
        with pytest.raises(openai.PermissionDeniedError) as refused:
            await client.chat.completions.create(model=PREMIUM_MODEL, messages=ASK)
    assert (refused.value.code, refused.value.param) == ("model_not_in_plan", "model")


async def test_an_unknown_model_is_not_found(product: Product) -> None:
    async with program(product) as client:
        with pytest.raises(openai.NotFoundError) as refused:
            await client.chat.completions.create(model="nobody/nothing", messages=ASK)
    assert refused.value.code == "model_not_found"


@pytest.mark.parametrize("stream", [False, True])
async def test_the_daily_limit_is_a_rate_limit_error(product: Product, stream: bool) -> None:
    user = await product.user()
    await use_messages(product, user, 50)
    async with program(product, user) as client:
        with pytest.raises(openai.RateLimitError) as refused:
            await client.chat.completions.create(model=MODEL, messages=ASK, stream=stream)
    assert (refused.value.type, refused.value.code) == ("insufficient_quota", "insufficient_quota")
    assert int(refused.value.response.headers["Retry-After"]) > 0
    assert refused.value.response.headers["x-should-retry"] == "false"
    body = refused.value.response.json()["error"]
    assert (body["limit"], body["used"]) == (50, 50)


async def test_a_key_s_own_cap_is_a_rate_limit_error(product: Product) -> None:
    user = await product.user()
    async with program(product, user, dailyMessageLimit=2) as client:
        results = await asyncio.gather(
            *(client.chat.completions.create(model=MODEL, messages=ASK) for _ in range(6)), return_exceptions=True
        )
    assert sum(isinstance(result, openai.RateLimitError) for result in results) == 4
    assert await used_messages(user) == 2


@pytest.mark.parametrize(
    ("content", "said"),
    [("word " * 4_500, "A message has"), ("word " * 40_000, "your plan and this model allow")],
    ids=["message", "context"],
)
async def test_too_long_a_prompt_is_a_bad_request(product: Product, content: str, said: str) -> None:
    async with program(product) as client:
        with pytest.raises(openai.BadRequestError, match=said) as refused:
            await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": content}])
    assert (refused.value.code, refused.value.param) == ("context_length_exceeded", "messages")
    assert await entries(product) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"n": 2},
        {"n": True},
        {"logprobs": True},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"temperature": 3},
        {"temperature": "NaN"},
        {"top_p": 2},
        {"max_tokens": 0},
        {"stop": ["a", "b", "c", "d", "e"]},
        {"response_format": {"type": "xml"}},
        {"messages": []},
        {"messages": "Hello"},
        {"messages": [{"role": "tool", "content": "x", "tool_call_id": "1"}]},
        {"messages": [{"role": "king", "content": "x"}]},
        {"messages": [{"role": "user", "content": None}]},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:,"}}]}]},
        {"messages": [{"role": "user", "content": [{"type": []}]}]},
        {"messages": [{"role": "user", "content": "a\x00b"}]},
        {"frequency": 1},
        {"model": None},
        {"model": 1},
    ],
    ids=str,
)
async def test_what_cannot_be_done_is_refused_and_not_ignored(product: Product, wrong: dict[str, Any]) -> None:
    user = await product.user()
    headers = {"Authorization": f"Bearer {await secret_of(user)}"}
    body = {"model": MODEL, "messages": ASK} | wrong
    answer = await product.anonymous.post("/v1/chat/completions", body, headers=headers)
    assert answer.status == 400, answer.text
    assert set(answer.body["error"]) == {"message", "type", "param", "code"}
    assert answer.body["error"]["type"] == "invalid_request_error"
    assert await entries(product) == []


async def test_parameters_reach_the_provider_as_they_are(product: Product) -> None:
    options: dict[str, Any] = {
        "top_p": 0.5,
        "stop": ["END", "FIN"],
        "seed": 7,
        "presence_penalty": 0.25,
        "frequency_penalty": -0.5,
        "response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "object"}}},
    }
    messages: list[Any] = [
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "One"}, {"type": "text", "text": "Two"}]},
        {"role": "assistant", "content": "Three"},
        {"role": "user", "content": "Four"},
    ]
    async with program(product) as client:
        await client.chat.completions.create(
            model=MODEL, messages=messages, temperature=0.1, max_completion_tokens=99, n=1, user="me", **options
        )
        await client.chat.completions.create(model=MODEL, messages=[{"role": "user", "content": "Plain"}])
    [request] = questions_upstream(product, "Four")
    assert isinstance(request.body, dict)
    assert {name: request.body[name] for name in options} == options
    assert (request.body["temperature"], request.body["max_tokens"]) == (0.1, 99)
    assert request.body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "One\nTwo"},
        {"role": "assistant", "content": "Three"},
        {"role": "user", "content": "Four"},
    ]
    assert request.body["user"] != "me"
    [plain] = questions_upstream(product, "Plain")
    assert isinstance(plain.body, dict)
    assert not {"temperature", *options} & set(plain.body)
    assert plain.body["max_tokens"] == 4_000


async def test_the_answer_is_never_longer_than_the_plan_allows_and_says_so(product: Product) -> None:
    async with program(product) as client:
        answer = await client.chat.completions.create(
            model=MODEL, messages=failing("text=count;tokens=5000"), max_tokens=1_000_000
        )
    assert answer.choices[0].finish_reason == "length"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("http400", openai.BadRequestError),
        ("http401", openai.InternalServerError),
        ("http429", openai.InternalServerError),
        ("http502", openai.InternalServerError),
        ("reset_connect", openai.InternalServerError),
    ],
)
async def test_what_fails_before_the_first_piece_has_a_status_and_is_given_back(
    product: Product,
    fault: str,
    kind: type[openai.APIStatusError],
    stream: bool,
) -> None:
    user = await product.user()
    async with program(product, user) as client:
        with pytest.raises(kind) as failed:
            await client.chat.completions.create(model=MODEL, messages=failing(fault), stream=stream)
    assert "HTTP" not in str(failed.value.body), "the provider's own words are the operator's"
    assert await used_messages(user) == 0


async def test_what_fails_in_the_middle_of_a_stream_is_an_error_and_not_an_end(product: Product) -> None:
    user = await product.user()
    pieces: list[str] = []
    async with program(product, user) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=failing("error_int;after=3"), stream=True)
        with pytest.raises(openai.APIError):
            await read(stream, pieces.append)
    assert pieces
    assert await used_messages(user) == 1


async def test_of_a_whole_answer_that_fails_nothing_was_shown(product: Product) -> None:
    user = await product.user()
    async with program(product, user) as client:
        with pytest.raises(openai.APIStatusError):
            await client.chat.completions.create(model=MODEL, messages=failing("error_int;after=3"))
    assert await used_messages(user) == 0


@pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)
async def test_a_reader_who_leaves_ends_the_answer(product: Product) -> None:
    user = await product.user()
    async with program(product, user) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=SLOW, stream=True)
        async for chunk in stream:
            if chunk.choices and chunk.choices[0].delta.content:
                break
        assert len(product.relay) == 1
        await stream.close()
        await eventually(lambda: nothing_is_open(product))
    await product.emulator.admin.idle()
    [(state, tokens)] = await entries(product)
    assert state == "settled"
    assert 0 < tokens < 1000
    assert await used_messages(user) == 1


async def test_somebody_who_does_not_wait_for_a_whole_answer_ends_it_too(product: Product) -> None:
    user = await product.user()
    async with program(product, user) as client:
        asking = asyncio.create_task(client.chat.completions.create(model=MODEL, messages=SLOW))

        async def running() -> bool:
            return len(product.relay) == 1

        await eventually(running)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await eventually(lambda: nothing_is_open(product))
    await product.emulator.admin.idle()


async def test_what_the_server_breaks_off_is_an_error(product: Product) -> None:
    user = await product.user()
    async with program(product, user) as client:
        stream = await client.chat.completions.create(model=MODEL, messages=SLOW, stream=True)
        draining: list[asyncio.Task[None]] = []
        with pytest.raises(openai.APIError):
            await read(stream, lambda _: draining.append(asyncio.create_task(product.relay.drain(0))))
        await asyncio.gather(*draining)
        with pytest.raises(openai.InternalServerError) as refused:
            await client.chat.completions.create(model=MODEL, messages=ASK)
        assert refused.value.status_code == 503
    assert await nothing_is_open(product)


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/completions", "/v1/chat", "/v1/embeddings"])
async def test_an_unknown_address_answers_in_the_same_language(product: Product, path: str) -> None:
    answer = await product.anonymous.post(path, {})
    assert (answer.status, answer.body["error"]["type"]) == (404, "invalid_request_error")
    wrong_method = await product.anonymous.delete("/v1/chat/completions")
    assert (wrong_method.status, set(wrong_method.body)) == (405, {"error"})


async def test_keys_are_used_by_their_owner_only(product: Product) -> None:
    """Each program's messages count for its own person."""
    ann, bob = await product.user(), await product.user()
    async with program(product, ann) as hers, program(product, bob):
        await hers.chat.completions.create(model=MODEL, messages=ASK)
    assert (await used_messages(ann), await used_messages(bob)) == (1, 0)
    owners = await product.database.read(lambda session: session.scalars(select(UsageEntry.user_id)).all())
    assert owners == [UUID(ann.user["id"])]
