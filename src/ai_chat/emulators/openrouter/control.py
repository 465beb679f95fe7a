"""The admin calls over HTTP, under /_emulator: for the demo, the bench, and tests in other processes or languages."""

from __future__ import annotations

from aiohttp import web

from ai_chat.emulators.json_values import Json, JsonObject, as_int, as_list, as_object, as_text
from ai_chat.emulators.openrouter.admin import CHAT, Admin
from ai_chat.emulators.openrouter.faults import FAULTS
from ai_chat.emulators.openrouter.knobs import KNOBS
from ai_chat.emulators.openrouter.shapes import decode, encode
from ai_chat.emulators.openrouter.texts import MODES
from ai_chat.emulators.serving import PREFIX, read_object


def add_control_routes(app: web.Application, admin: Admin) -> None:
    """Mount the controls. They need no key: the server listens on loopback only."""
    control = Control(admin)
    app.router.add_post(f"{PREFIX}/reset", control.reset)
    app.router.add_post(f"{PREFIX}/faults", control.faults)
    app.router.add_delete(f"{PREFIX}/faults", control.clear_faults)
    app.router.add_post(f"{PREFIX}/knobs", control.knobs)
    app.router.add_get(f"{PREFIX}/knobs", control.describe_knobs)
    app.router.add_post(f"{PREFIX}/speed", control.speed)
    app.router.add_post(f"{PREFIX}/catalogue", control.catalogue)
    app.router.add_post(f"{PREFIX}/account", control.account)
    app.router.add_post(f"{PREFIX}/generations", control.generation_lag)
    app.router.add_get(f"{PREFIX}/generations", control.generations)
    app.router.add_post(f"{PREFIX}/clock", control.clock)
    app.router.add_get(f"{PREFIX}/requests", control.requests)
    app.router.add_get(f"{PREFIX}/state", control.state)


class Control:
    """One method per call. A ValueError from a bad knob becomes 400 in server.py."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def reset(self, request: web.Request) -> web.Response:
        self._admin.reset()
        return _ok()

    async def faults(self, request: web.Request) -> web.Response:
        """`{"fault": spec, "times"?: n | null, "model"?: id, "path"?: end}`"""
        body = await read_object(request, decode)
        times = as_int(body["times"]) if "times" in body else 1
        model, path = as_text(body.get("model")) or None, as_text(body.get("path"), CHAT)
        self._admin.fault(as_text(body.get("fault")), times=times, model=model, path=path)
        return _ok()

    async def clear_faults(self, request: web.Request) -> web.Response:
        self._admin.clear_faults()
        return _ok()

    async def knobs(self, request: web.Request) -> web.Response:
        """`{"knobs": spec}`"""
        self._admin.knobs(as_text((await read_object(request, decode)).get("knobs")))
        return _ok()

    async def describe_knobs(self, request: web.Request) -> web.Response:
        return _json({"knobs": {**KNOBS}, "faults": {**FAULTS}, "text": [*MODES]})

    async def speed(self, request: web.Request) -> web.Response:
        """`{"tokens_per_second": n, "ttft_ms"?: n, "jitter"?: 0..1, "seed"?: n}`"""
        body = await read_object(request, decode)
        self._admin.speed(
            _number(body, "tokens_per_second"),
            ttft_ms=_number(body, "ttft_ms"),
            jitter=_number(body, "jitter"),
            seed=as_int(body.get("seed")),
        )
        return _ok()

    async def catalogue(self, request: web.Request) -> web.Response:
        """`{"bad_rows"?: true | [names], "remove"?: {id: [fallbacks]}, "prices"?: {id: {prompt, completion}},
        "variants"?: [ids]}`
        """
        body = await read_object(request, decode)
        if body.get("bad_rows"):
            self._admin.bad_rows(*_texts(body["bad_rows"]))
        for model_id, fallbacks in as_object(body.get("remove")).items():
            self._admin.remove_model(model_id, *_texts(fallbacks))
        for model_id, price in as_object(body.get("prices")).items():
            prices = as_object(price)
            self._admin.reprice(model_id, as_text(prices.get("prompt"), "0"), as_text(prices.get("completion"), "0"))
        if "variants" in body:
            self._admin.list_variants(*_texts(body["variants"]))
        return _ok()

    async def account(self, request: web.Request) -> web.Response:
        """`{"credits"?: "5", "purchased"?: "0", "key"?: {"secret"?, "limit"?: "1", "disabled"?, "management"?}}`"""
        body = await read_object(request, decode)
        self._admin.account(
            credits=as_text(body.get("credits")) or None, purchased=as_text(body.get("purchased")) or None
        )
        if key := as_object(body.get("key")):
            options = {"secret": as_text(key["secret"])} if "secret" in key else {}
            self._admin.key(
                **options,
                limit=as_text(key.get("limit")) or None,
                disabled=key.get("disabled") is True,
                management=key.get("management") is True,
            )
        return _ok()

    async def generation_lag(self, request: web.Request) -> web.Response:
        """`{"seconds"?: n, "misses"?: n}`"""
        body = await read_object(request, decode)
        self._admin.generation_lag(seconds=_number(body, "seconds"), misses=as_int(body.get("misses")) or 0)
        return _ok()

    async def generations(self, request: web.Request) -> web.Response:
        rows: list[Json] = [
            {**generation.describe(), "outcome": generation.outcome} for generation in self._admin.generations()
        ]
        return _json({"data": rows})

    async def clock(self, request: web.Request) -> web.Response:
        """`{"advance": seconds}`"""
        self._admin.advance(_number(await read_object(request, decode), "advance"))
        return _ok()

    async def requests(self, request: web.Request) -> web.Response:
        rows: list[Json] = [entry.describe() for entry in self._admin.requests(request.query.get("path"))]
        return _json({"data": rows})

    async def state(self, request: web.Request) -> web.Response:
        return _json({"active": self._admin.active, "balance": str(self._admin.balance)})


def _texts(value: Json) -> list[str]:
    return [item for item in as_list(value) if isinstance(item, str)]


def _number(body: JsonObject, name: str) -> float:
    value = body.get(name, 0)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise ValueError(f"{name} must be a number")


def _ok() -> web.Response:
    return _json({"ok": True})


def _json(value: JsonObject) -> web.Response:
    return web.Response(body=encode(value), content_type="application/json")
