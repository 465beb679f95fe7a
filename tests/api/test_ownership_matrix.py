"""Every route of the application, asked by everybody who should not: what is somebody else's does not exist.

A new route is in here by itself. Where it names something in its path, `RESOURCES` must know how to make one; where it is
open to the public, or to administrators only, it must be listed with its reason. Forgetting either is a failing test.
"""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from starlette.routing import Route as StarletteRoute

from ai_chat.app import build_api
from ai_chat.settings import Settings
from tests.api.conftest import Target
from tests.api.helpers import assert_refused, assert_refused_at
from tests.api.routes import Route, all_routes
from tests.files import uploaded
from tests.product import MODEL, Api, Product

PUBLIC: dict[str, str] = {
    "GET /health": "load balancers have no account",
    "POST /api/auth/register": "this is how one gets an account",
    "POST /api/auth/login": "this is how one gets a token",
    "POST /api/auth/forgot-password": "whoever asks cannot sign in; only the address's owner gets something out of it",
    "POST /api/auth/reset-password": "the letter's token decides, see test_recovery.py",
    "POST /api/auth/refresh": "takes the cookie instead of a token, and refuses without one",
    "POST /api/auth/logout": "takes the cookie as well as a token, and refuses without either",
    "GET /api/shares/{token}": "whoever has the link may read",
    "GET /api/shares/{token}/files/{file_id}": "through the link, see test_sharing.py",
    "GET /api/shares/{token}/files/{file_id}/thumbnail": "through the link, see test_sharing.py",
    "GET /": "the page for those who do not know us yet",
    "GET /pricing": "prices are shown before one has an account",
    "GET /robots.txt": "for search engines",
    "GET /sitemap.xml": "for search engines",
    "GET /metrics": "its own token or the address decides, see test_metrics.py",
    "GET /api/plans": "prices are shown before one has an account",
    "POST /api/payments/yookassa/webhook": "the provider has no account; its address and a look-up decide",
}
"""Routes that answer without a token, and why."""

ADMIN = "/api/admin"
"""Below it every route is 404 to everybody who is no administrator."""

NOT_OWNED: dict[str, str] = {
    "GET /v1/models/{model_id}": "the catalogue is everybody's",
    "GET /api/orders/{order_id}": "an order needs a shop: test_buying.py asks for somebody else's",
    "POST /api/shares/{token}/continue": "whoever has the link may copy what it shows",
    "GET /openapi.json": "development only",
    "HEAD /openapi.json": "development only",
}
"""Routes with something in their path that belongs to nobody, and why."""


async def _chat(owner: Api) -> dict[str, str]:
    chat = await owner.new_chat()
    stream = await owner.send(chat, "Hello")
    share = await owner.post(f"/api/chat/{chat}/shares", {})
    return {"chat_id": chat, "message_id": stream.start["messageId"], "share_id": share.data["id"]}


async def _key(owner: Api) -> dict[str, str]:
    return {"key_id": (await owner.post("/api/keys", {"name": "Mine"})).data["id"]}


async def _file(owner: Api) -> dict[str, str]:
    return {"file_id": await uploaded(owner)}


async def _folder(owner: Api) -> dict[str, str]:
    return {"folder_id": (await owner.post("/api/folders", {"name": "Mine"})).data["id"]}


RESOURCES: dict[str, Callable[[Api], Awaitable[dict[str, str]]]] = {
    "chat_id": _chat,
    "key_id": _key,
    "file_id": _file,
    "folder_id": _folder,
}
"""How somebody comes to own what the first id in a path names; returns the ids that a path may want."""

BODIES: dict[str, Any] = {
    "POST /api/chat": {"title": "T", "model": MODEL},
    "PATCH /api/chat/{chat_id}": {"title": "Mine now", "model": MODEL},
    "POST /api/chat/{chat_id}/message": {"content": "Hello"},
    "POST /api/chat/{chat_id}/messages/{message_id}/edit": {"content": "Hello"},
    "PATCH /api/folders/{folder_id}": {"name": "Mine now"},
    "PUT /api/chat/{chat_id}/branch": {"messageId": str(uuid4())},
    "POST /api/chat/{chat_id}/shares": {},
}
"""A good body where a bad one would be refused before anybody looks at whose it is."""

on_one_product = pytest.mark.asyncio(loop_scope="module")
"""Of what is refused nothing stays."""
ROUTES = all_routes()
OWNED = [
    route
    for route in ROUTES
    if route.parameters and str(route) not in {*NOT_OWNED, *PUBLIC} and not route.path.startswith(ADMIN)
]


def test_every_route_of_the_application_is_in_the_matrix() -> None:
    """The matrix is made from the OpenAPI schema; a route that hides from it would escape."""
    found = set()
    pending = list(build_api(Settings(_env_file=None)).routes)
    while pending:
        route = pending.pop()
        pending += getattr(route, "routes", None) or []
        if isinstance(route, StarletteRoute):
            found |= {
                f"{method} {route.path.replace(':path}', '}')}" for method in (route.methods or ()) if method != "HEAD"
            }
    known = {str(route) for route in ROUTES} | set(NOT_OWNED) | set(PUBLIC)
    assert found - known == set(), "list it in PUBLIC or NOT_OWNED with the reason"


@pytest.mark.parametrize("route", OWNED, ids=str)
def test_what_a_path_names_can_be_made(route: Route) -> None:
    assert route.parameters[0] in RESOURCES, f"say in RESOURCES how one comes to own a {route.parameters[0]}"


@pytest.mark.parametrize("route", OWNED, ids=str)
async def test_what_is_somebody_else_s_does_not_exist_and_is_not_changed(product: Product, route: Route) -> None:
    owner, stranger = await product.user(), await product.user("premium")
    kind = route.parameters[0]
    theirs, mine = await RESOURCES[kind](owner), await RESOURCES[kind](stranger)
    before = await _everything(owner)
    body = BODIES.get(str(route))
    refused = await stranger.call(route.method, route.at(**theirs), body)
    unknown = await stranger.call(route.method, route.at(**{name: str(uuid4()) for name in theirs}), body)
    assert refused.status == 404, f"{refused.status}: {refused.text[:300]}"
    assert refused.body == unknown.body, "somebody else's must look like nobody's"
    if len(route.parameters) > 1:  # through something of one's own
        mixed = await stranger.call(route.method, route.at(**theirs | {kind: mine[kind]}), body)
        assert mixed.status == 404, f"{mixed.status}: {mixed.text[:300]}"
    assert await _everything(owner) == before


@pytest.mark.parametrize("route", [route for route in ROUTES if str(route) not in PUBLIC], ids=str)
@on_one_product
async def test_nobody_gets_in_without_a_token_or_with_a_forged_one(target: Target, route: Route) -> None:
    product = target.product
    code = "INVALID_API_KEY" if route.speaks_openai else "UNAUTHORIZED"
    body = BODIES.get(str(route), {"model": MODEL, "messages": [{"role": "user", "content": "Hello"}]})
    body = body if route.has_body else None
    for token in (None, "x", "sk-aichat-" + "0" * 64, "eyJhbGciOiJub25lIn0.e30."):
        api = Api(product.session, product.url, token)
        answer = await api.call(route.method, route.at(), body)
        assert_refused_at(route.path, answer, 401, code)


@pytest.mark.parametrize("route", [route for route in ROUTES if str(route) not in PUBLIC], ids=str)
@on_one_product
async def test_a_key_and_a_token_open_only_their_own_door(target: Target, route: Route) -> None:
    user = await target.product.user()
    if not route.speaks_openai:
        user.token = (await user.post("/api/keys", {"name": "Mine"})).data["key"]
    answer = await user.call(route.method, route.at(), BODIES.get(str(route)) if route.has_body else None)
    assert answer.status == 401 or (answer.status == 400 and route.has_body), answer.text[:300]


@pytest.mark.parametrize("route", [route for route in ROUTES if route.path.startswith(ADMIN)], ids=str)
@on_one_product
async def test_what_administrators_do_does_not_exist_for_anybody_else(target: Target, route: Route) -> None:
    user = await target.product.user("premium")
    answer = await user.call(route.method, route.at(), BODIES.get(str(route)))
    assert_refused(answer, 404, "NOT_FOUND")


async def _everything(owner: Api) -> list[Any]:
    """All that a person can see of their own."""
    chats = (await owner.get("/api/chat")).data
    paths = ["/api/keys", "/api/folders", "/api/auth/me", *(f"/api/chat/{chat['id']}" for chat in chats)]
    return [chats, *[(await owner.get(path)).data for path in paths]]
