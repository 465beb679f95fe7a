"""The emulator as a server: routes, start and stop."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from aiohttp import web

from ai_chat.emulators.openrouter import listings
from ai_chat.emulators.openrouter.accounts import DEFAULT_KEY
from ai_chat.emulators.openrouter.admin import Admin
from ai_chat.emulators.openrouter.chat import FAULT_HEADER, complete
from ai_chat.emulators.openrouter.control import add_control_routes
from ai_chat.emulators.openrouter.failures import Failure, api_failure, bad_request
from ai_chat.emulators.openrouter.knobs import UnknownKnob, merge, parse_spec, resolve
from ai_chat.emulators.openrouter.shapes import decode
from ai_chat.emulators.openrouter.status_faults import ordered_failure
from ai_chat.emulators.openrouter.streaming import cut
from ai_chat.emulators.openrouter.world import World
from ai_chat.emulators.serving import PREFIX, Closing, listen, recorded, refuse_production

API = "/api/v1"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Emulator(Closing):
    """A running emulator. `base_url` takes the place of `https://openrouter.ai/api/v1`."""

    base_url: str
    admin_url: str
    admin: Admin
    api_key: str
    _runner: web.AppRunner
    _world: World

    async def close(self) -> None:
        """Stop listening and break off the streams that are running."""
        for task in tuple(self._world.speaking):
            task.cancel()
        await self._runner.cleanup()


async def start(
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    seed: int = 0,
    knobs: str = "",
    clock: Callable[[], float] = time.time,
    environ: Mapping[str, str] = os.environ,
) -> Emulator:
    """Serve on a loopback address; port 0 takes a free one. `knobs` are defaults that survive a reset."""
    refuse_production("OpenRouter", host, environ)
    world = World(clock=clock, seed=seed, initial_knobs=parse_spec(knobs))
    admin = Admin(world)
    runner, origin = await listen(build_app(world, admin), host, port)
    return Emulator(f"{origin}{API}", f"{origin}{PREFIX}", admin, DEFAULT_KEY, runner, world)


def build_app(world: World, admin: Admin) -> web.Application:
    """The application: the vendor's routes behind recording and faults, the controls beside them."""

    async def chat(request: web.Request) -> web.StreamResponse:
        return await complete(request, world)

    @web.middleware
    async def outermost(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.startswith(PREFIX):
            try:
                return await handler(request)
            except (ValueError, KeyError, ArithmeticError) as error:
                return respond(bad_request(f"emulator: {error}"))
        task = asyncio.current_task()
        assert task is not None
        world.enter(task)
        try:
            await record(request, world)
            if not request.path.endswith("/chat/completions") and (broken := await strike(request, world)):
                return broken
            return await handler(request)
        except Failure as failure:
            return respond(failure)
        except web.HTTPException as error:
            return respond(api_failure(error.status, error.reason))
        finally:
            world.leave(task)

    app = web.Application(middlewares=[outermost], client_max_size=0)
    app.router.add_post(f"{API}/chat/completions", chat)
    listings.add_listing_routes(app, API, world)
    add_control_routes(app, admin)
    return app


async def record(request: web.Request, world: World) -> None:
    """Note the request for assertions, and refuse it if it is too large."""
    world.requests.append(await recorded(request, decode, world.now()))
    if len(await request.read()) > world.max_body:
        raise api_failure(413, "Request Entity Too Large", metadata={"error_type": "payload_too_large"})


async def strike(request: web.Request, world: World) -> web.Response | None:
    """The faults that also fit the plain JSON endpoints: statuses, hanging, reset, garbage."""
    try:
        header = parse_spec(request.headers.get(FAULT_HEADER, ""))
        knobs = resolve(merge(world.knobs, world.faults.take(request.path, None), header))
    except UnknownKnob as error:
        raise bad_request(f"emulator: {error}") from None
    if failure := ordered_failure(knobs, request.path, None, world.now()):
        raise failure
    if knobs.has("hang"):
        await asyncio.sleep(knobs.seconds)
    if knobs.has("reset_connect"):
        await cut(request, "reset")
        return web.Response()
    if knobs.has("garbage"):
        return web.Response(body=b"<not json>", content_type="application/json")
    return None


def respond(failure: Failure) -> web.Response:
    headers = {"Content-Type": failure.content_type, "Access-Control-Allow-Origin": "*", **failure.headers}
    return web.Response(status=failure.status, body=failure.body, headers=headers)
