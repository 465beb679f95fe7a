"""Pinning, archiving and folders: each list holds what belongs into it, page by page, whatever changes meanwhile."""

import asyncio
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from ai_chat.features.chats.folders import MOST_FOLDERS
from ai_chat.features.chats.models import Chat
from tests.api.helpers import assert_refused, insert_chats
from tests.api.test_live_events import page
from tests.product import Api, Product

both = pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)


async def ids(user: Api, query: str = "") -> list[str]:
    """All ids of a list, page by page."""
    found: list[str] = []
    cursor = ""
    while True:
        answer = await user.get(f"/api/chat?{query}{cursor}")
        found += [chat["id"] for chat in answer.data]
        if answer.body["cursor"] is None:
            return found
        cursor = f"&cursor={answer.body['cursor']}"


async def new_folder(user: Api, name: str = "Work") -> str:
    return str((await user.post("/api/folders", {"name": name})).data["id"])


async def names(user: Api) -> list[str]:
    folders = (await user.get("/api/folders")).data
    assert [folder["position"] for folder in folders] == list(range(len(folders)))
    return [folder["name"] for folder in folders]


@both
async def test_each_list_holds_what_belongs_into_it(product: Product) -> None:
    user = await product.user()
    plain, pinned, archived, filed, both_ = await insert_chats(product, user, 5)
    folder = await new_folder(user)
    await user.patch(f"/api/chat/{pinned}", {"pinned": True})
    await user.patch(f"/api/chat/{archived}", {"archived": True})
    await user.patch(f"/api/chat/{filed}", {"folderId": folder})
    answered = await user.patch(f"/api/chat/{both_}", {"pinned": True, "folderId": folder})
    assert (answered.data["pinned"], answered.data["archived"], answered.data["folderId"]) == (True, False, folder)
    assert await ids(user) == [plain, pinned, filed, both_]
    assert await ids(user, "archived=true") == [archived]
    assert await ids(user, "pinned=true") == [pinned, both_]
    assert await ids(user, "pinned=false&folderId=none") == [plain]
    assert await ids(user, f"folderId={folder}") == [filed, both_]
    assert await ids(user, f"folderId={folder}&pinned=false") == [filed]
    assert await ids(user, f"folderId={uuid4()}") == []
    await user.patch(f"/api/chat/{filed}", {"folderId": None})
    assert await ids(user, "pinned=false&folderId=none") == [plain, filed]


async def test_putting_a_chat_elsewhere_does_not_move_it_in_time(product: Product) -> None:
    user = await product.user()
    newer, older = await insert_chats(product, user, 2)
    before = (await user.get(f"/api/chat/{older}")).data["updatedAt"]
    for change in ({"pinned": True}, {"archived": True}, {"archived": False}, {"folderId": await new_folder(user)}):
        await user.patch(f"/api/chat/{older}", change)
    assert await ids(user) == [newer, older]
    assert (await user.get(f"/api/chat/{older}")).data["updatedAt"] == before


@both
@pytest.mark.parametrize("query", ["", "pinned=true", "archived=true", "folder"])
async def test_130_chats_of_any_list_come_in_pages_while_others_move(product: Product, query: str) -> None:
    user = await product.user()
    expected = await insert_chats(product, user, 130)
    values: dict[str, Any] = {"pinned": query == "pinned=true", "archived": query == "archived=true"}
    if query == "folder":
        folder = await new_folder(user)
        query, values = f"folderId={folder}", {"folder_id": UUID(folder)}
    await product.database.write(lambda session: session.execute(update(Chat).values(**values)))
    first = await user.get(f"/api/chat?{query}")
    await user.patch(f"/api/chat/{expected[3]}", {"title": "Moved to the top"})  # of what was read
    await user.patch(f"/api/chat/{expected[99]}", {"title": "Moved to the top"})  # of what was not
    await user.delete(f"/api/chat/{expected[70]}")
    second = await user.get(f"/api/chat?{query}&cursor={first.body['cursor']}")
    third = await user.get(f"/api/chat?{query}&cursor={second.body['cursor']}")
    found = [chat["id"] for answer in (first, second, third) for chat in answer.data]
    assert third.body["cursor"] is None
    assert found == [chat for chat in expected if chat not in (expected[99], expected[70])]


@pytest.mark.parametrize(
    ("query", "field"),
    [("archived=perhaps", "archived"), ("pinned=", "pinned"), ("folderId=x", "folderId"), ("folderId=", "folderId")],
)
async def test_a_list_of_something_else_is_refused(product: Product, query: str, field: str) -> None:
    user = await product.user()
    error = assert_refused(await user.get(f"/api/chat?{query}"), 400, "VALIDATION_ERROR")
    assert error["fields"][0]["field"] == field


@pytest.mark.parametrize("body", [{"pinned": "yes"}, {"pinned": None}, {"archived": 1}, {"folderId": 5}])
async def test_a_change_that_makes_no_sense_is_refused(product: Product, body: dict[str, Any]) -> None:
    user = await product.user()
    assert_refused(await user.patch(f"/api/chat/{await user.new_chat()}", body), 400, "VALIDATION_ERROR")


async def test_a_chat_goes_only_into_one_s_own_folder(product: Product) -> None:
    user, other = await product.user(), await product.user()
    chat, theirs = await user.new_chat(), await new_folder(other)
    for folder in (theirs, str(uuid4()), "x"):
        answer = await user.patch(f"/api/chat/{chat}", {"folderId": folder, "title": "New"})
        assert_refused(answer, 404, "FOLDER_NOT_FOUND")
    assert (await user.get(f"/api/chat/{chat}")).data["title"] == "Test"


@both
async def test_folders_are_made_renamed_and_put_in_order(product: Product) -> None:
    user = await product.user()
    first, _, third = [await new_folder(user, name) for name in ("One", "Два", "👩‍👩‍👧")]
    assert await names(user) == ["One", "Два", "👩‍👩‍👧"]
    assert (await user.patch(f"/api/folders/{third}", {"position": 0})).data["position"] == 0
    await user.patch(f"/api/folders/{first}", {"name": "  Last ", "position": 99})
    assert await names(user) == ["👩‍👩‍👧", "Два", "Last"]


@both
async def test_a_folder_goes_and_its_chats_stay(product: Product) -> None:
    user = await product.user()
    chats = await insert_chats(product, user, 3)
    folder, _ = await new_folder(user), await new_folder(user, "Other")
    for chat in chats:
        await user.patch(f"/api/chat/{chat}", {"folderId": folder})
    await user.delete(f"/api/chat/{chats[2]}")
    assert (await user.delete(f"/api/folders/{folder}")).data == {"id": folder}
    assert_refused(await user.delete(f"/api/folders/{folder}"), 404, "FOLDER_NOT_FOUND")
    assert await names(user) == ["Other"]
    assert await ids(user, "folderId=none") == chats[:2]
    assert (await user.post(f"/api/chat/{chats[2]}/restore")).data["folderId"] is None


@both
async def test_chats_put_into_a_folder_while_it_is_deleted_are_never_lost(product: Product) -> None:
    user = await product.user()
    chats = await insert_chats(product, user, 20)
    folder = await new_folder(user)
    moves = [user.patch(f"/api/chat/{chat}", {"folderId": folder}) for chat in chats]
    *moved, deleted = await asyncio.gather(*moves[:10], *moves[10:], user.delete(f"/api/folders/{folder}"))
    assert deleted.status == 200
    assert {answer.status for answer in moved} <= {200, 404}
    assert await ids(user, "folderId=none") == chats


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, None, 5, "a\u0000b"])
async def test_any_other_name_is_refused(product: Product, name: object) -> None:
    user = await product.user()
    assert_refused(await user.post("/api/folders", {"name": name}), 400, "VALIDATION_ERROR")
    folder = await new_folder(user)
    assert_refused(await user.patch(f"/api/folders/{folder}", {"name": name}), 400, "VALIDATION_ERROR")
    assert await names(user) == ["Work"]


@both
async def test_there_are_only_so_many_folders_also_when_made_at_once(product: Product) -> None:
    user = await product.user()
    for number in range(MOST_FOLDERS - 3):
        await new_folder(user, f"{number}")
    answers = await asyncio.gather(*(user.post("/api/folders", {"name": "One more"}) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [200] * 3 + [409] * 5
    assert len(await names(user)) == MOST_FOLDERS


async def test_all_pages_hear_of_arranging_deleting_and_restoring(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with page(user) as opened:
        folder = await new_folder(user)
        assert await opened.next() == {"type": "folder.updated", "folderId": folder, "name": "Work"}
        await user.patch(f"/api/chat/{chat}", {"folderId": folder, "pinned": True})
        arranged = {"pinned": True, "archived": False, "folderId": folder}
        assert await opened.next() == {"type": "chat.updated", "chatId": chat, "title": "Test", **arranged}
        await user.delete(f"/api/folders/{folder}")
        assert await opened.next() == {"type": "folder.deleted", "folderId": folder}
        await user.delete(f"/api/chat/{chat}")
        await user.post(f"/api/chat/{chat}/restore")
        assert await opened.types(2) == ["chat.deleted", "chat.created"]
