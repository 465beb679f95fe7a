"""POST /chat/completions: from a request to an answer on the wire, or to the failure that comes instead."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

from aiohttp import web

from ai_chat.emulators.json_values import Json, JsonObject, as_list, as_object, as_text
from ai_chat.emulators.openrouter.accounts import Key
from ai_chat.emulators.openrouter.answers import prepare
from ai_chat.emulators.openrouter.catalogue import Model
from ai_chat.emulators.openrouter.chunks import Chunks
from ai_chat.emulators.openrouter.completions import whole_reply
from ai_chat.emulators.openrouter.failures import Failure, bad_request
from ai_chat.emulators.openrouter.framing import Framing
from ai_chat.emulators.openrouter.generations import Generation, Outcome
from ai_chat.emulators.openrouter.knobs import Knobs, UnknownKnob, merge, parse_spec, resolve
from ai_chat.emulators.openrouter.script import Script
from ai_chat.emulators.openrouter.shapes import decode, encode
from ai_chat.emulators.openrouter.status_faults import ordered_failure, provider_of
from ai_chat.emulators.openrouter.streaming import Speaker, cut
from ai_chat.emulators.openrouter.tokens import text_of
from ai_chat.emulators.openrouter.validation import check_model, check_request, prompt_tokens
from ai_chat.emulators.openrouter.world import World

FAULT_HEADER = "X-Emulator-Fault"
_DIRECTIVE = re.compile(r"/emulator (\S+)")
_EXPOSED = "X-Generation-Id,X-Provider-Name,request-id,cf-ray"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that has agreed to answer, and how."""

    model: Model
    knobs: Knobs


async def complete(request: web.Request, world: World) -> web.StreamResponse:
    """Answer one request; raises Failure for everything decided before the first byte."""
    key = world.accounts.authorise(request.headers.get("Authorization"))
    body = check_request(read_json(await request.read()))
    candidate = choose(request, body, key, world)
    knobs = candidate.knobs
    if knobs.has("hang"):
        await asyncio.sleep(knobs.seconds)
    if knobs.has("reset_connect"):
        await cut(request, "reset")
        return web.Response()
    generation = Generation(
        id=world.new_id(),
        key=key,
        model=candidate.model,
        answer=prepare(body, candidate.model, knobs),
        prompt_tokens=prompt_tokens(body),
        cached_tokens=min(knobs.cached, prompt_tokens(body)),
        created=world.now(),
        streamed=body.get("stream") is True,
        session_id=as_text(body.get("session_id")) or request.headers.get("x-session-id"),
        user=as_text(body.get("user")) or None,
    )
    world.generations.add(generation)
    if generation.streamed:
        return await _stream(request, world, generation, knobs)
    return await _whole(request, world, generation, knobs)


def choose(request: web.Request, body: JsonObject, key: Key, world: World) -> Candidate:
    """The first of `model` and `models` that does not fail; if all do, the failure of the last."""
    listed = [as_text(model) for model in [body.get("model"), *as_list(body.get("models"))]]
    wanted = list(dict.fromkeys(filter(None, listed))) or ["openrouter/auto"]
    directive = _DIRECTIVE.match(_last_text(body))
    try:
        layers = [
            world.knobs,
            world.faults.take(request.path, None),
            parse_spec(request.headers.get(FAULT_HEADER, "")),
            parse_spec(directive[1] if directive else ""),
        ]
        previous: list[Json] = []
        for name in wanted:
            model_id, _, suffix = name.partition("+")
            pairs = merge(*layers, world.faults.take(request.path, model_id), parse_spec(suffix))
            try:
                return _admit(model_id, resolve(pairs), body, key, world)
            except Failure as failure:
                last = failure
                if not failure.fallback or name == wanted[-1]:
                    break
                previous.append({"code": failure.status, "message": failure.summary, "model": model_id})
    except UnknownKnob as error:
        raise bad_request(f"emulator: {error}") from None
    raise with_previous(last, previous) if previous else last


def read_json(data: bytes) -> Json:
    try:
        return decode(data)
    except ValueError:
        raise bad_request("Invalid JSON body") from None


def with_previous(failure: Failure, previous: list[Json]) -> Failure:
    """The last model's failure, with the earlier ones listed in its metadata."""
    if failure.content_type != "application/json":
        return failure
    body = as_object(decode(failure.body))
    error = as_object(body.get("error"))
    metadata: JsonObject = {**as_object(error.get("metadata")), "previous_errors": previous}
    failure.body = encode({**body, "error": {**error, "metadata": metadata}})
    return failure


def _admit(model_id: str, knobs: Knobs, body: JsonObject, key: Key, world: World) -> Candidate:
    model = world.catalogue.find(model_id)
    count = prompt_tokens(body)
    check_model(body, model, count)
    asked = body.get("max_completion_tokens") or body.get("max_tokens")
    world.accounts.admit(key, model, count, asked if isinstance(asked, int) else None, world.now())
    if failure := ordered_failure(knobs, model_id, provider_of(model), world.now()):
        raise failure
    return Candidate(model, knobs)


async def _stream(request: web.Request, world: World, generation: Generation, knobs: Knobs) -> web.StreamResponse:
    headers = {"Content-Type": "text/event-stream", "Cache-Control": "no-cache", "Connection": "keep-alive"}
    if knobs.has("gzip"):
        headers["Content-Encoding"] = "gzip"
    response = web.StreamResponse(headers={**headers, **_reply_headers(generation)})
    framing = Framing(knobs)
    script = Script(generation, Chunks(generation, knobs), framing, knobs)
    outcome: Outcome = "cancelled"
    accounts = world.accounts  # a reset in mid-stream must not charge the new ones
    try:
        await response.prepare(request)
        generation.first_token = world.now() + knobs.ttft_ms / 1000
        outcome = await Speaker(request, response, generation, knobs).perform(script, framing)
    except ConnectionError:
        pass  # the client has left; so has the transport, and there is nobody to tell
    finally:
        generation.settle(outcome, accounts, world.now())
    return response


async def _whole(request: web.Request, world: World, generation: Generation, knobs: Knobs) -> web.StreamResponse:
    """Without streaming the model runs, and is paid, to the end whether or not anybody waits for it."""
    failed = knobs.has("error_int", "error_string", "error_bare", "error_choice", "error_recorded")
    generation.sent_tokens = min(knobs.after, generation.answer.tokens) if failed else generation.answer.tokens
    accounts = world.accounts
    try:
        if knobs.has("stall"):
            await asyncio.sleep(knobs.seconds)
        delay = knobs.ttft_ms / 1000 + (generation.sent_tokens / knobs.speed if knobs.speed else 0)
        if delay:
            await asyncio.sleep(delay)
    finally:
        generation.first_token = world.now()
        generation.settle("failed" if failed else "done", accounts, world.now())
    data = whole_reply(generation, knobs)
    if knobs.has("reset", "truncate", "eof"):
        response = web.StreamResponse(headers={"Content-Type": "application/json", **_reply_headers(generation)})
        await response.prepare(request)
        await response.write(data[: len(data) // 2])
        if not knobs.has("eof"):
            await cut(request, "reset" if knobs.has("reset") else "truncate", data[:2])
        return response
    return web.Response(body=data, headers={"Content-Type": "application/json", **_reply_headers(generation)})


def _reply_headers(generation: Generation) -> dict[str, str]:
    return {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Expose-Headers": _EXPOSED,
        "X-Generation-Id": generation.id,
        "X-Provider-Name": generation.model.provider,
    }


def _last_text(body: JsonObject) -> str:
    messages = [as_object(message) for message in as_list(body.get("messages"))]
    return next((text_of(entry.get("content")) for entry in reversed(messages) if entry.get("role") == "user"), "")
