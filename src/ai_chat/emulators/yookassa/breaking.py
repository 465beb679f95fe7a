"""Carries out the planned faults: before the work, after it, or in the answer."""

from __future__ import annotations

import asyncio
import copy
import socket
import struct

from aiohttp import web

from ai_chat.emulators.json_values import JsonObject, as_list, as_object
from ai_chat.emulators.yookassa.failures import HTML_502, Failure
from ai_chat.emulators.yookassa.faults import PlannedFault
from ai_chat.emulators.yookassa.shapes import encode

_BEFORE = {"500_before": "500", "hang_before": "hang", "reset_before": "reset", "html502_before": "html502"}
_BEFORE |= {"429": "429", "202": "202"}
_AFTER = {"500_after": "500", "hang_after": "hang", "reset_after": "reset", "html502_after": "html502"}
_AFTER |= {"202_after": "202"}


async def break_before(request: web.Request, fault: PlannedFault | None) -> web.StreamResponse | None:
    """The answer of a fault that strikes before anything is done."""
    return await _strike(request, fault, _BEFORE.get(fault.name, "")) if fault else None


async def break_after(request: web.Request, fault: PlannedFault | None) -> web.StreamResponse | None:
    """The answer of a fault that strikes after everything is done."""
    return await _strike(request, fault, _AFTER.get(fault.name, "")) if fault else None


async def answer(request: web.Request, fault: PlannedFault | None, content: JsonObject) -> web.StreamResponse:
    """The object itself, perhaps disfigured, slow or torn."""
    name = fault.name if fault else ""
    body = encode(disfigured(name, content))
    if name not in ("slow_body", "truncated") or fault is None:
        return web.Response(body=body, content_type="application/json")
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(body))})
    await response.prepare(request)
    half = len(body) // 2
    await response.write(body[:half])
    if name == "truncated":
        _reset(request)
        return response
    await asyncio.sleep(fault.seconds)
    await response.write(body[half:])
    return response


def disfigured(name: str, content: JsonObject) -> JsonObject:
    """The object, or each of a list, with what the fault says in it; the emulator itself keeps the truth."""
    if content.get("type") == "list":
        return content | {"items": [disfigured(name, as_object(item)) for item in as_list(content.get("items"))]}
    changed = copy.deepcopy(content)
    amount = as_object(changed.get("amount"))
    match name:
        case "unknown_fields":
            changed |= {"loyalty": {"points": [1, {"deep": None}]}, "новое_поле": "да", "v4": True}
        case "unknown_status":
            changed["status"] = "under_review"
        case "unknown_reason":
            changed["cancellation_details"] = {"party": "astrologer", "reason": "moon_phase"}
        case "unknown_method":
            changed["payment_method"] = {"type": "moon_pay", "id": "moon", "saved": False, "crater": ["Tycho"]}
        case "wrong_amount" if isinstance(value := amount.get("value"), str):
            amount["value"] = f"{int(value.partition('.')[0]) + 1}.{value.partition('.')[2]}"
        case "wrong_currency":
            amount["currency"] = "USD"
        case "wrong_shop":
            changed["recipient"] = {"account_id": "666", "gateway_id": "1"}
        case "wrong_test":
            changed["test"] = changed.get("test") is not True
    return changed


async def _strike(request: web.Request, fault: PlannedFault, kind: str) -> web.StreamResponse | None:
    match kind:
        case "hang":
            await asyncio.sleep(fault.seconds)
            raise _server_error()
        case "500":
            raise _server_error()
        case "429":
            raise Failure(429, "too_many_requests", "Too many requests", retry_after=fault.retry_after)
        case "202":
            body: JsonObject = {
                "type": "processing",
                "description": "Request accepted, but not processed yet. Retry again with the same Idempotence-Key",
                "retry_after": fault.retry_after,
            }
            return web.Response(status=202, body=encode(body), content_type="application/json")
        case "html502":
            return web.Response(status=502, text=HTML_502, content_type="text/html")
        case "reset":
            _reset(request)
            return web.Response()
    return None


def _server_error() -> Failure:
    return Failure(500, "internal_server_error", "Internal server error")


def _reset(request: web.Request) -> None:
    """End the connection with RST."""
    if (transport := request.transport) is None:
        return
    plain: socket.socket | None = transport.get_extra_info("socket")
    if plain is not None:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
