"""OpenRouter's list is not believed blindly: only models whose price can be true are offered."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from ai_chat.features.catalog.ports import ListedModel, SourceUnavailable
from ai_chat.integrations.chat_completions.client import Target
from ai_chat.integrations.chat_completions.proxied import ProxiedTransport
from ai_chat.integrations.openai_compatible.source import OpenAiCompatible
from ai_chat.integrations.openrouter.source import OpenRouter

GOOD: dict[str, Any] = {
    "id": "acme/one",
    "name": "Acme: One",
    "context_length": 8000,
    "pricing": {"prompt": "0.000001", "completion": "0.000002"},
    "architecture": {"output_modalities": ["text"]},
    "top_provider": {"context_length": 7000, "max_completion_tokens": 500},
}


class ListServer:
    """A server whose `/models` a test decides, and the two sources that read it."""

    openrouter: OpenRouter
    compatible: OpenAiCompatible

    def __init__(self) -> None:
        self.status = 200
        self.body: bytes = b'{"data":[]}'

    def lists(self, *rows: object) -> None:
        self.body = json.dumps({"data": rows}).encode()

    async def answer(self, _request: web.Request) -> web.Response:
        return web.Response(status=self.status, body=self.body, content_type="application/json")


@pytest.fixture
async def server() -> AsyncIterator[ListServer]:
    listing = ListServer()
    app = web.Application()
    app.router.add_get("/models", listing.answer)
    async with TestServer(app) as running, aiohttp.ClientSession() as session:
        target = Target(str(running.make_url("")).rstrip("/"))
        listing.openrouter = OpenRouter(session, ProxiedTransport(session), target)
        listing.compatible = OpenAiCompatible(session, ProxiedTransport(session), target, "free")
        yield listing


@pytest.fixture
def offered(server: ListServer) -> Callable[..., Awaitable[list[ListedModel]]]:
    """The models offered out of these rows."""

    async def ask(*rows: object) -> list[ListedModel]:
        server.lists(*rows)
        return list(await server.openrouter.list_models())

    return ask


Offered = Callable[..., Awaitable[list[ListedModel]]]


async def test_a_good_row_is_offered_as_it_is(offered: Offered) -> None:
    (model,) = await offered(GOOD)
    assert model == ListedModel(
        id="acme/one",
        name="One",
        provider="Acme",
        context_length=7000,
        max_output_tokens=500,
        prompt_price=Decimal("0.000001"),
        completion_price=Decimal("0.000002"),
    )


@pytest.mark.parametrize(
    "price",
    [
        "-1",
        "-0.000001",
        -1,
        "NaN",
        "Infinity",
        "-Infinity",
        "1",
        "0.1",
        5,
        "",
        "free",
        None,
        "0x10",
        "1e99",
        True,
        [],
        {},
    ],
)
@pytest.mark.parametrize("side", ["prompt", "completion"])
async def test_a_price_that_cannot_be_true_is_not_offered(price: object, side: str, offered: Offered) -> None:
    pricing = {**GOOD["pricing"], side: price}
    assert await offered({**GOOD, "pricing": pricing}) == []


@pytest.mark.parametrize("pricing", [None, {}, {"prompt": "0.000001"}, {"completion": "0"}])
async def test_a_missing_price_is_not_offered(pricing: object, offered: Offered) -> None:
    assert await offered({**GOOD, "pricing": pricing}) == []


@pytest.mark.parametrize("price", ["0.000001", 0.000001, "1e-6", "0.0000010"])
async def test_a_price_may_be_a_text_or_a_number(price: object, offered: Offered) -> None:
    (model,) = await offered({**GOOD, "pricing": {"prompt": price, "completion": 0}})
    assert (model.prompt_price, model.completion_price) == (Decimal("0.000001"), Decimal(0))


async def test_the_dearest_believable_price_is_offered(offered: Offered) -> None:
    (model,) = await offered({**GOOD, "pricing": {"prompt": "0.002", "completion": "0.002"}})
    assert model.prompt_price == Decimal("0.002")


@pytest.mark.parametrize(
    ("outputs", "count"), [(["text"], 1), (["image", "text"], 1), (["image"], 0), ([], 0), (None, 1)]
)
async def test_only_models_that_write_text_are_offered(outputs: object, count: int, offered: Offered) -> None:
    assert len(await offered({**GOOD, "architecture": {"output_modalities": outputs}})) == count


@pytest.mark.parametrize(
    ("top", "row", "window"),
    [(7000, 8000, 7000), (None, 8000, 8000), (None, None, None), (0, 8000, 8000), (-5, -5, None)],
)
async def test_a_window_that_makes_no_sense_is_unknown(
    top: int | None, row: int | None, window: int | None, offered: Offered
) -> None:
    (model,) = await offered({**GOOD, "context_length": row, "top_provider": {"context_length": top}})
    assert model.context_length == window


@pytest.mark.parametrize("missing", ["name", "architecture", "top_provider", "context_length"])
async def test_what_is_missing_does_not_cost_the_model_its_place(missing: str, offered: Offered) -> None:
    assert len(await offered({name: value for name, value in GOOD.items() if name != missing})) == 1
    assert len(await offered({**GOOD, missing: None})) == 1


@pytest.mark.parametrize("model_id", ["", "x" * 101, "a\nb", "a\x00b", "a\u202eb", 5, None])
async def test_an_id_that_cannot_be_kept_or_shown_is_not_offered(model_id: object, offered: Offered) -> None:
    assert await offered({**GOOD, "id": model_id}) == []


@pytest.mark.parametrize("row", [None, 5, "text", [], {}, {"id": "x", "pricing": "free"}, {"name": "no id"}])
async def test_a_row_that_makes_no_sense_leaves_the_others(row: object, offered: Offered) -> None:
    assert [model.id for model in await offered(row, GOOD)] == ["acme/one"]


async def test_a_name_of_any_length_is_cut(offered: Offered) -> None:
    (model,) = await offered({**GOOD, "name": "Acme: " + "x" * 5000})
    assert len(model.name) <= 100


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"oops"),
        (401, b'{"error":{"code":401}}'),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"data":5}'),
        (200, b""),
        (200, b"\xff"),
    ],
)
@pytest.mark.parametrize("source", ["openrouter", "compatible"])
async def test_what_is_no_list_says_so(status: int, body: bytes, source: str, server: ListServer) -> None:
    server.status, server.body = status, body
    with pytest.raises(SourceUnavailable):
        await getattr(server, source).list_models()


@pytest.mark.parametrize("body", [b'{"data":[]}', b'{"data":null}', b"{}"])
@pytest.mark.parametrize("source", ["openrouter", "compatible"])
async def test_a_list_without_any_model_is_not_believed(body: bytes, source: str, server: ListServer) -> None:
    server.body = body
    with pytest.raises(SourceUnavailable):
        await getattr(server, source).list_models()


async def test_a_second_upstreams_models_have_no_price_and_its_tier(server: ListServer) -> None:
    server.lists({"id": "llama3.2:1b", "owned_by": "library"}, {"id": "vllm", "max_model_len": 4096})
    models = await server.compatible.list_models()
    assert [(model.id, model.tier, model.prompt_price, model.context_length) for model in models] == [
        ("llama3.2:1b", "free", None, None),
        ("vllm", "free", None, 4096),
    ]


@pytest.mark.parametrize("window", [0, -1, 10**9, -(2**63)])
async def test_a_second_upstreams_window_that_makes_no_sense_is_unknown(window: int, server: ListServer) -> None:
    server.lists({"id": "x", "context_length": window})
    (model,) = await server.compatible.list_models()
    assert model.context_length is None
