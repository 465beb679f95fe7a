"""The order of chats and messages, and walking through many of them page by page."""

from datetime import timedelta
from typing import Any

import pytest

from tests.api.helpers import assert_refused, insert_branch, insert_chats, moment
from tests.conftest import BACKENDS
from tests.product import Api, Product


async def all_pages(user: Api) -> list[list[dict[str, Any]]]:
    pages, cursor = [], ""
    while True:
        answer = await user.get(f"/api/chat{cursor}")
        pages.append(answer.data)
        if answer.body["cursor"] is None:
            return pages
        cursor = f"?cursor={answer.body['cursor']}"


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_120_chats_come_in_three_pages_the_newest_first_without_gap_or_repeat(product: Product) -> None:
    user, other = await product.user(), await product.user()
    expected = await insert_chats(product, user, 120)
    await insert_chats(product, other, 5)
    pages = await all_pages(user)
    assert [len(page) for page in pages] == [50, 50, 20]
    assert [chat["id"] for page in pages for chat in page] == expected


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_chats_of_the_same_instant_are_neither_lost_nor_repeated(product: Product) -> None:
    user = await product.user()
    expected = await insert_chats(product, user, 120, step=timedelta())
    found = [chat["id"] for page in await all_pages(user) for chat in page]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("count", [0, 50])
async def test_a_page_that_is_the_last_has_no_cursor(product: Product, count: int) -> None:
    user = await product.user()
    if count:
        await insert_chats(product, user, count)
    answer = await user.get("/api/chat")
    assert (len(answer.data), answer.body["cursor"]) == (count, None)


async def test_a_new_chat_on_top_does_not_shift_the_next_page(product: Product) -> None:
    user = await product.user()
    expected = await insert_chats(product, user, 60)
    first = await user.get("/api/chat")
    await user.new_chat()
    second = await user.get(f"/api/chat?cursor={first.body['cursor']}")
    assert [chat["id"] for chat in second.data] == expected[50:]


@pytest.mark.parametrize(
    "cursor", ["", "x", "%00", "%D1%8F", "===", "MTA6eA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk6eA", "a" * 300]
)
async def test_a_cursor_that_is_none_of_ours_is_refused(product: Product, cursor: str) -> None:
    user = await product.user()
    assert_refused(await user.get(f"/api/chat?cursor={cursor}"), 400, "VALIDATION_ERROR")


async def test_a_message_and_a_new_name_move_a_chat_to_the_top(product: Product) -> None:
    user = await product.user()
    newest, middle, oldest = await insert_chats(product, user, 3, step=timedelta(minutes=1))
    before = (await user.get(f"/api/chat/{oldest}")).data["updatedAt"]
    await user.send(oldest, "Hello")
    assert [chat["id"] for chat in (await user.get("/api/chat")).data] == [oldest, newest, middle]
    assert moment((await user.get(f"/api/chat/{oldest}")).data["updatedAt"]) > moment(before)
    await user.patch(f"/api/chat/{middle}", {"title": "Renamed"})
    assert [chat["id"] for chat in (await user.get("/api/chat")).data] == [middle, oldest, newest]


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_130_messages_come_in_pages_from_the_newest_each_oldest_first(product: Product) -> None:
    user = await product.user()
    [chat] = await insert_chats(product, user, 1)
    ids = await insert_branch(product, chat, [f"Message {number}" for number in range(130)])
    found: list[str] = []
    sizes: list[int] = []
    query = ""
    while True:
        data = (await user.get(f"/api/chat/{chat}{query}")).data
        page = [message["id"] for message in data["messages"]]
        found, sizes = page + found, [*sizes, len(page)]
        if data["messagesCursor"] is None:
            break
        assert data["messagesCursor"] == page[0]
        query = f"?before={data['messagesCursor']}"
    assert found == ids
    assert sizes == [50, 50, 30]


async def test_nothing_stands_before_the_first_message(product: Product) -> None:
    user = await product.user()
    [chat] = await insert_chats(product, user, 1)
    first, *_ = await insert_branch(product, chat, ["one", "two"])
    data = (await user.get(f"/api/chat/{chat}?before={first}")).data
    assert (data["messages"], data["messagesCursor"]) == ([], None)


async def test_a_message_has_the_contract_s_fields(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    stream = await user.send(chat, "Hello")
    question, answer = await user.messages(chat)
    for message in (question, answer):
        assert set(message) >= {"id", "chatId", "role", "content", "tokensUsed", "status", "createdAt"}
        assert message["chatId"] == chat
        assert message["status"] == "complete"
    assert (question["role"], answer["role"]) == ("user", "assistant")
    assert (question["tokensUsed"], answer["tokensUsed"]) == (0, stream.last["tokensUsed"])


@pytest.mark.parametrize("before", ["", "x", "%00", "0" * 36, "0" * 100])
async def test_a_page_before_no_message_is_refused(product: Product, before: str) -> None:
    user = await product.user()
    chat = await user.new_chat()
    assert_refused(await user.get(f"/api/chat/{chat}?before={before}"), 400, "VALIDATION_ERROR")


async def test_a_page_before_another_chat_s_message_is_refused(product: Product) -> None:
    user = await product.user()
    mine, other = await insert_chats(product, user, 2)
    [message] = await insert_branch(product, other, ["secret"])
    assert_refused(await user.get(f"/api/chat/{mine}?before={message}"), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_a_chat_is_read_around_a_message_and_on_both_ways(product: Product) -> None:
    user = await product.user()
    chat, other = await insert_chats(product, user, 2)
    ids = await insert_branch(product, chat, [f"Message {number}" for number in range(130)])
    [elsewhere] = await insert_branch(product, other, ["x"])

    async def page(query: str) -> list[str]:
        data = (await user.get(f"/api/chat/{chat}?{query}")).data
        found = [message["id"] for message in data["messages"]]
        assert data["messagesCursor"] == (found[0] if found and found[0] != ids[0] else None)
        assert data["messagesAfter"] == (found[-1] if found and found[-1] != ids[-1] else None)
        return found

    assert await page("") == ids[80:]
    for wanted, first, last in ((60, 36, 86), (0, 0, 26), (5, 0, 31), (129, 80, 130)):
        assert await page(f"around={ids[wanted]}") == ids[first:last]
    assert await page(f"after={ids[0]}") == ids[1:51]
    assert await page(f"after={ids[85]}") == ids[86:]
    assert await page(f"after={ids[129]}") == []

    [branch] = await insert_branch(product, chat, ["Another beginning"])
    assert len((await user.get(f"/api/chat/{chat}?around={branch}")).data["messages"]) == 1
    for gone in (ids[5], elsewhere):
        for way in ("around", "after"):
            assert_refused(await user.get(f"/api/chat/{chat}?{way}={gone}"), 404, "MESSAGE_NOT_FOUND")
    for nonsense in ("after=x", "around=%00", f"around={branch}&before={branch}"):
        assert_refused(await user.get(f"/api/chat/{chat}?{nonsense}"), 400, "VALIDATION_ERROR")
