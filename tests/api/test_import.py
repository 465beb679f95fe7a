"""Bringing conversations in: whole trees, once, from ChatGPT or from ourselves; what is broken is told and harms nothing."""

import json
import zipfile
from io import BytesIO
from typing import Any

import aiohttp
import pytest

from tests.api.chatgpt_export import conversation, node, zipped
from tests.api.helpers import assert_refused
from tests.conftest import BACKENDS
from tests.files import VISION, download, uploaded
from tests.product import Answer, Api, Product


async def bring_in(api: Api, content: bytes, name: str = "export.zip") -> Answer:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("file", BytesIO(content), filename=name, content_type="application/octet-stream")
    async with api.session.post(f"{api.url}/api/import", data=form, headers=api.headers()) as response:
        return Answer(response.status, response.headers, await response.text())


async def chats(api: Api) -> list[dict[str, Any]]:
    return list((await api.get("/api/chat")).data)


@pytest.mark.parametrize("backend", [BACKENDS[0], BACKENDS[2]], indirect=True)
async def test_chatgpt_s_export_becomes_chats_with_their_branches_once(product: Product) -> None:
    user = await product.user()
    archive = zipped(conversation(), conversation("Собаки"), others={"chat.html": b"<html>", "file-1.png": b"png"})
    result = (await bring_in(user, archive)).data
    assert result == {"imported": 2, "alreadyThere": 0, "failed": 0, "problems": []}
    cats = next(chat for chat in await chats(user) if chat["title"] == "Кошки")
    assert cats["createdAt"] == "2023-11-14T22:13:20.000Z"
    shown = (await user.get(f"/api/chat/{cats['id']}")).data["messages"]
    assert [(one["role"], one["content"]) for one in shown] == [
        ("user", "Почему кошки мурлычут?"), ("assistant", "Потому что рады."), ("user", "[image]\n\nА эта?"),
    ]  # fmt: skip
    assert len(shown[1]["siblingIds"]) == 2
    assert shown[1]["model"] == "openai/gpt-4o"
    branch = await user.put(f"/api/chat/{cats['id']}/branch", {"messageId": shown[1]["siblingIds"][1]})
    assert branch.data["messages"][-1]["content"] == "Никто не знает."
    assert (await user.send(cats["id"], "И всё же?")).last["type"] == "done"

    again = (await bring_in(user, archive)).data
    assert (again["imported"], again["alreadyThere"]) == (0, 2)
    assert len(await chats(user)) == 2
    stranger = await product.user()
    assert (await bring_in(stranger, archive)).data["imported"] == 2, "the same export is somebody else's as well"
    await user.delete(f"/api/chat/{cats['id']}")
    assert (await bring_in(user, archive)).data["imported"] == 1, "what was deleted can be brought in again"


async def test_our_own_export_comes_back_as_it_was(product: Product) -> None:
    user, other = await product.user(), await product.user()
    chat = await user.new_chat(VISION, title="Мой чат")
    await user.send(chat, "Первый")
    question = (await user.messages(chat))[0]
    await user.turn(f"{chat}/messages/{question['id']}/edit", {"content": "Другой"})
    await user.send(chat, "С файлом", attachments=[await uploaded(user, "текст".encode(), "заметки.txt")])
    status, headers, archive = await download(user, "/api/export")
    assert (status, headers["Content-Type"]) == (200, "application/zip")
    with zipfile.ZipFile(BytesIO(archive)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        assert json.loads(opened.read("account.json"))["email"] == user.user["email"]
        assert [opened.read(name).decode() for name in names if name.endswith("заметки.txt")] == ["текст"]
    assert (await bring_in(user, archive)).data["alreadyThere"] == 1
    assert (await bring_in(other, archive)).data["imported"] == 1
    copy = (await chats(other))[0]
    mine, theirs = await user.messages(chat), await other.messages(copy["id"])
    assert [one["content"] for one in theirs[:-2]] == [one["content"] for one in mine[:-2]]
    assert theirs[-2]["content"] == "С файлом\n[заметки.txt]"
    assert len(theirs[0]["siblingIds"]) == 2

    status, headers, text = await download(user, f"/api/chat/{chat}/export?format=json")
    assert json.loads(text)["title"] == "Мой чат"
    assert "attachment" in headers["Content-Disposition"]
    third = await product.user()
    assert (await bring_in(third, text, "chat.json")).data["imported"] == 1
    _, headers, text = await download(user, f"/api/chat/{chat}/export?format=md")
    assert text.decode().startswith("# Мой чат\n\n*20")
    assert "## User\n\n📎 заметки.txt\n\nС файлом\n" in text.decode()
    assert "Первый" not in text.decode(), "only the active branch"


DEEP = "[" * 20_000
BROKEN: list[Any] = [
    {"title": "no mapping"},
    {"title": "bad mapping", "mapping": {"a": 5, "b": {"message": "x"}}},
    conversation("empty", mapping={}),
    "text",
    17,
    None,
    [],
]
CIRCLE = conversation("Круг", mapping={"a": node("a", "b", "user", "раз"), "b": node("b", "a", "assistant", "два")})
ODD = conversation("\x00<script>fired()</script>\ud800", create_time="gestern", update_time=1e300, current_node=["x"])


async def test_what_is_broken_is_told_and_hides_nothing(product: Product) -> None:
    user = await product.user()
    text = json.dumps([*BROKEN, CIRCLE, ODD, conversation("Целая")])
    text = text[:-1] + ", " + DEEP + "]" * 20_000 + ', {"mapping": "\\"}' + "x" * 50
    result = (await bring_in(user, text.encode(), "conversations.json")).data
    assert result["imported"] == 3
    assert {"title": "no mapping", "reason": "damaged"} in result["problems"]
    assert {"title": "empty", "reason": "empty"} in result["problems"]
    assert result["failed"] >= len(BROKEN)
    assert sorted(chat["title"] for chat in await chats(user)) == ["<script>fired()</script>\ufffd", "Круг", "Целая"]


async def test_what_is_no_export_is_refused(product: Product) -> None:
    user = await product.user()
    for content in (b"Hello", b"{}", b"[1, 2]", b"PK\x03\x04 broken", zipped(name="other.json"), b"\xff" * 100):
        assert_refused(await bring_in(user, content), 400, "IMPORT_UNREADABLE")
    assert_refused(await user.post("/api/import", {}), 400, "VALIDATION_ERROR")
    assert await chats(user) == []


async def test_a_long_history_comes_in_while_others_are_answered(product: Product) -> None:
    user, other = await product.user(), await product.user()
    chat = await other.new_chat()
    long = "Длинный разговор о море и о кораблях. " * 200
    many = [conversation(f"Чат {number}", mapping={"q": node("q", None, "user", long)}) for number in range(800)]
    content = json.dumps(many, ensure_ascii=False).encode()
    assert len(content) > 10_000_000

    async with user.session.post(
        f"{user.url}/api/import", data=form_of(content), headers=user.headers()
    ) as response:  # fmt: skip
        answered = await other.send(chat, "Meanwhile")
        assert answered.last["type"] == "done"
        result = (await response.json())["data"]
    assert result["imported"] == 800
    assert (await user.get("/api/chat")).body["cursor"] is not None


def form_of(content: bytes) -> aiohttp.FormData:
    form = aiohttp.FormData()
    form.add_field("file", BytesIO(content), filename="conversations.json")
    return form
