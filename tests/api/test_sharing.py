"""Shared links: what they show and what they do not, until when, and to whom."""

from typing import Any

import pytest

from ai_chat.commands import users
from tests.api.helpers import assert_refused
from tests.conftest import BACKENDS
from tests.files import VISION, download, uploaded
from tests.product import Api, Product


async def share(api: Api, chat: str, **wanted: Any) -> dict[str, Any]:
    return dict((await api.post(f"/api/chat/{chat}/shares", wanted)).data)


@pytest.mark.parametrize("backend", [BACKENDS[0], BACKENDS[3]], indirect=True)
async def test_a_link_shows_the_branch_as_it_was_and_nothing_else(product: Product) -> None:
    user, anybody = await product.user(), product.anonymous
    chat = await user.new_chat(title="Поход")
    await user.send(chat, "Первый вопрос")
    question = (await user.messages(chat))[0]
    await user.turn(f"{chat}/messages/{question['id']}/edit", {"content": "Другой вопрос"})
    made = await share(user, chat)
    await user.send(chat, "Сказано позже")
    answer = await anybody.get(f"/api/shares/{made['token']}")
    seen = answer.data
    assert (seen["title"], seen["author"], seen["older"]) == ("Поход", None, None)
    assert [one["role"] for one in seen["messages"]] == ["user", "assistant"]
    assert seen["messages"][0]["content"] == "Другой вопрос"
    assert [one["modelName"] for one in seen["messages"]] == [None, "GPT-4o mini"]
    for hidden in ("Первый вопрос", "Сказано позже", user.user["email"], user.user["id"], chat):
        assert hidden not in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert made["url"].endswith(f"/share/{made['token']}")
    assert (await user.get(f"/api/chat/{chat}/shares")).data == [made]

    assert_refused(await anybody.post(f"/api/shares/{made['token']}/continue"), 401, "UNAUTHORIZED")
    reader = await product.user()
    copy = (await reader.post(f"/api/shares/{made['token']}/continue")).data["id"]
    assert [one["content"] for one in await reader.messages(copy)] == [one["content"] for one in seen["messages"]]
    assert (await reader.send(copy, "Дальше")).last["type"] == "done"

    assert (await user.delete(f"/api/chat/{chat}/shares/{made['id']}")).data == {"revoked": 1}
    assert_refused(await anybody.get(f"/api/shares/{made['token']}"), 404, "SHARE_NOT_FOUND")
    assert_refused(await reader.post(f"/api/shares/{made['token']}/continue"), 404, "SHARE_NOT_FOUND")


async def test_files_are_shown_through_the_link_only_where_it_shows_their_message(product: Product) -> None:
    user, anybody = await product.user(), product.anonymous
    chat = await user.new_chat(VISION)
    early, late = await uploaded(user), await uploaded(user)
    await user.send(chat, "Look", attachments=[early])
    token = (await share(user, chat))["token"]
    await user.send(chat, "And this", attachments=[late])
    [file] = (await anybody.get(f"/api/shares/{token}")).data["messages"][0]["attachments"]
    assert file["id"] == early
    for path in (f"/api/shares/{token}/files/{early}", f"/api/shares/{token}/files/{early}/thumbnail"):
        status, headers, body = await download(anybody, path)
        assert (status, bool(body)) == (200, True)
        assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert_refused(await anybody.get(f"/api/shares/{token}/files/{late}"), 404, "FILE_NOT_FOUND")
    assert_refused(await anybody.get(f"/api/files/{early}"), 401, "UNAUTHORIZED")

    reader = await product.user()
    copy = (await reader.post(f"/api/shares/{token}/continue")).data["id"]
    [copied] = (await reader.messages(copy))[0]["attachments"]
    assert copied["id"] != early
    assert (await download(reader, f"/api/files/{copied['id']}"))[0] == 200
    assert (await user.delete(f"/api/chat/{chat}/shares")).data == {"revoked": 1}
    assert_refused(await anybody.get(f"/api/shares/{token}/files/{early}"), 404, "SHARE_NOT_FOUND")


async def test_a_link_ends_with_its_time_and_with_its_chat(product: Product) -> None:
    user, anybody = await product.user("premium"), product.anonymous
    chat, empty = await user.new_chat(), await user.new_chat()
    await user.send(chat, "Hello")
    assert_refused(await user.post(f"/api/chat/{empty}/shares", {}), 400, "VALIDATION_ERROR")
    brief, lasting = await share(user, chat, expiresInDays=1, showName=True), await share(user, chat)
    assert brief["expiresAt"] is not None
    for made in (brief, lasting):
        assert (await anybody.get(f"/api/shares/{made['token']}")).status == 200
    product.clock.travel(hours=25)
    assert_refused(await anybody.get(f"/api/shares/{brief['token']}"), 404, "SHARE_NOT_FOUND")
    assert (await anybody.get(f"/api/shares/{lasting['token']}")).status == 200
    known = {"email": user.user["email"], "password": "correct horse battery"}
    user.token = (await anybody.post("/api/auth/login", known)).data["token"]
    assert [one["id"] for one in (await user.get(f"/api/chat/{chat}/shares")).data] == [lasting["id"]]
    await user.delete(f"/api/chat/{chat}")
    assert_refused(await anybody.get(f"/api/shares/{lasting['token']}"), 404, "SHARE_NOT_FOUND")


async def test_a_link_opens_nothing_while_its_owner_is_blocked(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(VISION)
    file = await uploaded(user)
    await user.send(chat, "Look", attachments=[file])
    path = f"/api/shares/{(await share(user, chat))['token']}"
    await users.block(product.database, user.user["email"], blocked=True)
    for gone in (path, f"{path}/files/{file}", f"{path}/files/{file}/thumbnail"):
        assert_refused(await product.anonymous.get(gone), 404, "SHARE_NOT_FOUND")
    assert_refused(await (await product.user()).post(f"{path}/continue"), 404, "SHARE_NOT_FOUND")
    await users.block(product.database, user.user["email"], blocked=False)
    assert (await product.anonymous.get(path)).status == 200


async def test_a_long_branch_comes_in_pages(product: Product) -> None:
    user = await product.user("premium")
    chat = await user.new_chat()
    for number in range(4):
        await user.send(chat, f"/emulator text=echo;speed=0\n{number}")
    token = (await share(user, chat, messageId=(await user.messages(chat))[5]["id"]))["token"]
    pages = [(await product.anonymous.get(f"/api/shares/{token}?skip={skip}")).data for skip in (0, 2, 6)]
    assert [len(page["messages"]) for page in pages] == [6, 4, 0]
    assert pages[1]["messages"] == pages[0]["messages"][:4]


async def test_links_that_open_nothing_are_refused_and_slowed_down(product: Product) -> None:
    user, anybody = await product.user(), product.anonymous
    chat = await user.new_chat()
    await user.send(chat, "Hello")
    right = (await share(user, chat))["token"]
    wrong = [right[:-1] + ("A" if right[-1] != "A" else "B"), right[:-4], "x", "%00", "я" * 44, right.lower(), "A" * 44]
    for token in wrong:
        assert_refused(await anybody.get(f"/api/shares/{token}"), 404, "SHARE_NOT_FOUND")
    for _ in range(60 - len(wrong)):
        await anybody.get("/api/shares/guess")
    refused = await anybody.get("/api/shares/guess")
    assert_refused(refused, 429, "TOO_MANY_LINKS")
    assert int(refused.headers["Retry-After"]) >= 1


async def test_the_page_of_a_link_is_not_for_search_engines(product: Product) -> None:
    page = await product.anonymous.get("/share/anything")
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "X-Robots-Tag" not in (await product.anonymous.get("/login")).headers
