"""The emulator as a server: start and stop, authorisation, keys and faults around every call."""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hmac
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from aiohttp import web

from ai_chat.emulators.serving import PREFIX, Closing, listen, recorded, refuse_production
from ai_chat.emulators.yookassa import api, lifecycle
from ai_chat.emulators.yookassa.admin import Admin
from ai_chat.emulators.yookassa.breaking import answer, break_after, break_before
from ai_chat.emulators.yookassa.checkout import add_checkout_routes
from ai_chat.emulators.yookassa.control import add_control_routes
from ai_chat.emulators.yookassa.failures import Failure
from ai_chat.emulators.yookassa.idempotence import checked_key
from ai_chat.emulators.yookassa.shapes import decode, encode
from ai_chat.emulators.yookassa.shops import DEFAULT_SECRET, DEFAULT_SHOP, Shop
from ai_chat.emulators.yookassa.world import World

API = "/v3"
_SECRET_HEADERS = frozenset(("authorization", "cookie"))
_SHORTEST_WAIT, _LONGEST_WAIT = 0.01, 3600.0

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Emulator(Closing):
    """A running emulator. `base_url` takes the place of `https://api.yookassa.ru/v3`."""

    base_url: str
    admin_url: str
    origin: str
    admin: Admin
    shop_id: str
    secret_key: str
    _runner: web.AppRunner
    _world: World
    _ticking: asyncio.Task[None]

    async def close(self) -> None:
        """Stop listening and delivering."""
        self._ticking.cancel()
        await asyncio.gather(self._ticking, return_exceptions=True)
        await self._world.post.close()
        await self._runner.cleanup()


async def start(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    shop: Shop | None = None,
    webhook_url: str = "",
    seed: int = 0,
    clock: Callable[[], float] = time.time,
    environ: Mapping[str, str] = os.environ,
) -> Emulator:
    """Serve on a loopback address; port 0 takes a free one. `shop` is the first one, also after a reset."""
    refuse_production("YooKassa", host, environ)
    first = shop or Shop(DEFAULT_SHOP, DEFAULT_SECRET)
    first = replace(first, webhook_url=webhook_url or first.webhook_url)
    world = World(clock=clock, first_shop=lambda: replace(first), seed=seed)
    admin = Admin(world)
    runner, world.origin = await listen(build_app(world, admin), host, port)
    ticking = asyncio.create_task(keep_time(world), name="yookassa-emulator")
    return Emulator(
        f"{world.origin}{API}",
        f"{world.origin}{PREFIX}",
        world.origin,
        admin,
        first.id,
        first.secret,
        runner,
        world,
        ticking,
    )


async def keep_time(world: World) -> None:
    """Do what is due, then sleep until something else is, or something has changed."""
    while True:
        world.wake.clear()
        lifecycle.tick(world)
        world.post.launch_due()
        due = lifecycle.next_due(world)
        wait = _LONGEST_WAIT if due is None else max(_SHORTEST_WAIT, min(due - world.now(), _LONGEST_WAIT))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):  # not wait_for, which in Python 3.11 may swallow its own cancellation
                await world.wake.wait()


def build_app(world: World, admin: Admin) -> web.Application:
    """The vendor's calls, its payment page, and the emulator's own controls."""

    @web.middleware
    async def outermost(request: web.Request, handler: Handler) -> web.StreamResponse:
        lifecycle.tick(world)
        try:
            response = await handler(request)
        except Failure as failure:
            return web.Response(status=failure.status, body=encode(failure.body), content_type="application/json")
        except (ValueError, KeyError) as error:
            if request.path.startswith(PREFIX):
                return web.Response(status=400, text=f"emulator: {error}")
            raise
        world.wake.set()
        return response

    async def call(request: web.Request) -> web.StreamResponse:
        return await serve_call(world, request)

    app = web.Application(middlewares=[outermost], client_max_size=4 * 1024 * 1024)
    app.router.add_route("*", API + "/{path:.*}", call)
    add_checkout_routes(app, world)
    add_control_routes(app, admin)
    return app


async def serve_call(world: World, request: web.Request) -> web.StreamResponse:
    """One call: recorded, authorised, broken as planned, done once per key, answered."""
    data = await request.read()
    path = request.path.removeprefix(API)
    world.requests.append(await recorded(request, decode, world.now(), leave_out=_SECRET_HEADERS))
    fault = world.faults.take(request.method, path)
    shop = authorised(world, request)
    if broken := await break_before(request, fault):
        return broken
    if request.method == "GET":
        content = api.get(world, shop, path, request.query)
    elif request.method == "POST":
        key = checked_key(request.headers.get("Idempotence-Key"))
        body = api.read_body(data, request.content_type)
        replayed = world.keys.replay(shop.id, key, path, body, world.now())
        content = replayed if replayed is not None else api.post(world, shop, path, body)
        if replayed is None:
            world.keys.remember(shop.id, key, path, body, content, world.now())
    else:
        raise Failure(405, "method_not_allowed", "Method is not allowed for this resource")
    if world.hooks.before_answer:
        await world.post.settled()
    if broken := await break_after(request, fault):
        return broken
    return await answer(request, fault, content)


def authorised(world: World, request: web.Request) -> Shop:
    """The shop that calls. Its number and its key are both checked."""
    scheme, _, encoded = request.headers.get("Authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        name, secret = "", ""
    shop = world.shops.get(name)
    if scheme.lower() != "basic" or shop is None or not hmac.compare_digest(shop.secret.encode(), secret.encode()):
        raise Failure(
            401, "invalid_credentials", "Basic authentication failed. Check shopId and secret key", "Authorization"
        )
    if not shop.enabled:
        raise Failure(403, "forbidden", "The shop is disabled")
    return shop
