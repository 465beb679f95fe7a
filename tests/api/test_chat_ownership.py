"""Chats and ids that are nobody's, and answers that are somebody else's. (What every route must refuse is in
test_ownership_matrix.)
"""

from typing import Any

import pytest

from tests.api.helpers import assert_refused
from tests.api.routes import NO_MESSAGE, Route, all_routes
from tests.product import Product

ROUTES = all_routes()
CHAT_ROUTES = [route for route in ROUTES if "{chat_id}" in route.path]
BODIES: dict[str, Any] = {
    "PATCH /api/chat/{chat_id}": {"title": "Mine now", "model": "openai/gpt-4o-mini"},
    "POST /api/chat/{chat_id}/message": {"content": "Hello"},
    "POST /api/chat/{chat_id}/messages/{message_id}/edit": {"content": "Hello"},
    "PUT /api/chat/{chat_id}/branch": {"messageId": NO_MESSAGE},
    "POST /api/chat/{chat_id}/shares": {},
}
IMPOSSIBLE_IDS = [
    "x",
    "1",
    "-1",
    "null",
    "undefined",
    "%00",
    "%FF%FE",
    "' OR 1=1 --",
    "..%2f..%2fetc%2fpasswd",
    "0" * 36,
    "z" * 36,
    "{00000000-0000-0000-0000-0000000000",
    "urn:uuid:00000000-0000-0000-0000-000",
    "00000000000000000000000000000000",
    "я" * 36,
    "1" * 5000,
]


def test_the_matrix_is_not_empty() -> None:
    assert {str(route) for route in CHAT_ROUTES} >= {
        *BODIES,
        "GET /api/chat/{chat_id}",
        "DELETE /api/chat/{chat_id}",
        "GET /api/chat/{chat_id}/stream",
        "POST /api/chat/{chat_id}/stop",
    }


@pytest.mark.parametrize("route", CHAT_ROUTES, ids=str)
async def test_an_id_that_cannot_exist_is_not_found(product: Product, route: Route) -> None:
    user = await product.user()
    for chat_id in IMPOSSIBLE_IDS:
        answer = await user.call(route.method, route.at(chat_id=chat_id), BODIES.get(str(route)))
        assert answer.status in (404, 405), f"{chat_id[:50]}: {answer.status} {answer.text[:200]}"
        assert answer.code in ("CHAT_NOT_FOUND", "NOT_FOUND", "METHOD_NOT_ALLOWED")


async def test_a_stranger_cannot_stop_or_follow_a_running_answer(product: Product) -> None:
    owner, stranger = await product.user(), await product.user()
    chat = await owner.new_chat()
    async with owner.open_message(chat, "/emulator text=count;tokens=1000;speed=100\nGo") as response:
        assert response.status == 200
        assert_refused(await stranger.get(f"/api/chat/{chat}/stream"), 404, "CHAT_NOT_FOUND")
        assert_refused(await stranger.post(f"/api/chat/{chat}/stop"), 404, "CHAT_NOT_FOUND")
        assert len(product.relay) == 1
        assert (await owner.post(f"/api/chat/{chat}/stop")).data == {"stopped": True}
        await response.content.read()


async def test_a_generation_of_another_chat_cannot_be_followed_through_one_s_own(product: Product) -> None:
    owner, stranger = await product.user(), await product.user()
    theirs, mine = await owner.new_chat(), await stranger.new_chat()
    started = (await owner.send(theirs, "Hello")).start
    assert await stranger.follow(mine, f"?generationId={started['generationId']}") is None
