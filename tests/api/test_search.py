"""Searching: what is found, in which order, by whom. Every test runs on both databases and expects the same of them."""

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.search.finding import PAGE
from ai_chat.features.search.indexer import Indexer
from ai_chat.features.search.models import SearchMessage, SearchQueue, SearchTitle
from tests.api.helpers import assert_refused, insert_branch
from tests.api.test_chats import count_rows, purge
from tests.product import Answer, Api, Product

pytestmark = pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)


async def indexed(product: Product) -> None:
    await Indexer(product.database).read_all()


async def search(user: Api, query: str, cursor: str | None = None) -> Answer:
    params = {"q": query} | ({"cursor": cursor} if cursor else {})
    async with user.session.get(f"{user.url}/api/search", params=params, headers=user.headers()) as response:
        return Answer(response.status, response.headers, await response.text())


def shown(segments: list[dict[str, Any]] | None) -> str:
    return "".join(f"[{one['text']}]" if one["match"] else one["text"] for one in segments or [])


async def found(user: Api, query: str) -> list[str]:
    """What is found, in its order: snippets of messages, titles of chats."""
    return [shown(hit["snippet"] or hit["title"]) for hit in (await search(user, query)).data]


async def chat_with(product: Product, user: Api, *texts: str, title: str = "Untitled") -> str:
    chat = await user.new_chat(title=title)
    if texts:
        await insert_branch(product, chat, list(texts))
    return chat


async def test_words_are_found_in_all_their_forms(product: Product) -> None:
    user = await product.user()
    await chat_with(
        product, user, "Приветы всем", "I run every day", "Ёлка наряжена", "Мой кот", "Cafés 🦔", "你好世界"
    )
    await indexed(product)
    for query, expected in {
        "привет": ["[Приветы] всем"],
        "приветами ": ["[Приветы] всем"],
        "прив": ["[Приветы] всем"],
        "прив ": [],
        "running": ["I [run] every day"],
        "RUN": ["I [run] every day"],
        "елкой": ["[Ёлка] наряжена"],
        "ёл": ["[Ёлка] наряжена"],
        "every ru": ["I [run] [every] day"],
        "every cat": [],
        "cafe": ["[Cafés] 🦔"],
        "🦔": ["Cafés [🦔]"],
        "世界": ["你好[世界]"],
    }.items():
        assert await found(user, query) == expected, query


async def test_signs_mean_nothing_and_break_nothing(product: Product) -> None:
    user = await product.user()
    await chat_with(product, user, "100% of 'quotes' AND NOT \"OR\" near* (this) <b>bold</b>")
    await indexed(product)
    nothing = ["", " ", "%", "%%%", "'", '"', "\"'()*:^-+~|&!\\", "\u0000", "\u200d\ufe0f", "🏽", "._-_", "'; --"]
    for query in nothing:
        answer = await search(user, query)
        assert (answer.data, answer.body["cursor"]) == ([], None), query
    for query in [
        '"quotes',
        "quotes'",
        "AND",
        "NOT OR",
        "NEAR(this bold)",
        "near*",
        "100%",
        "this:*",
        "{this} : b",
        "q'x",
    ]:
        assert (await search(user, query)).status == 200, query
    assert await found(user, "AND") == ["100% of 'quotes' [AND] NOT \"OR\" near* (this) <b>bold</b>"]
    assert await found(user, "<b>") == ["100% of 'quotes' AND NOT \"OR\" near* (this) <[b]>bold</[b]>"]
    assert await found(user, "quotes OR nothere") == []


async def test_a_query_that_is_no_query_is_refused(product: Product) -> None:
    user = await product.user()
    assert_refused(await user.get("/api/search"), 400, "VALIDATION_ERROR")
    assert_refused(await search(user, "я" * 501), 400, "VALIDATION_ERROR")
    assert (await search(user, "я" * 500)).data == []
    for cursor in ("x", "===", "MTA6eA", "OTo5", "LTE6NQ", "MDotNQ", "a" * 61):
        assert_refused(await search(user, "x1", cursor), 400, "VALIDATION_ERROR")


async def test_titles_come_first_then_what_was_typed_then_other_forms_the_newest_first(product: Product) -> None:
    user = await product.user()
    await chat_with(product, user, "старые коты", "старый кот", title="Раз")
    await chat_with(product, user, "новые коты", "новый кот", title="Два")
    await chat_with(product, user, title="Про котов")
    await chat_with(product, user, title="Кот и пёс")
    await indexed(product)
    expected = ["[Кот] и пёс", "Про [котов]", "новый [кот]", "старый [кот]", "новые [коты]", "старые [коты]"]
    assert await found(user, "кот ") == expected


async def test_pages_follow_each_other_without_gap_or_repeat_while_more_is_written(product: Product) -> None:
    user = await product.user()
    texts = [f"word number {number}" for number in range(PAGE * 2 + 5)]
    for number in range(3):
        await chat_with(product, user, title=f"Word {number}")
    chat = await chat_with(product, user, *texts)
    await indexed(product)
    pages: list[list[Any]] = []
    cursor = None
    while True:
        answer = await search(user, "words ", cursor)
        pages.append([hit["messageId"] or hit["chatId"] for hit in answer.data])
        cursor = answer.body["cursor"]
        if cursor is None:
            break
        await insert_branch(product, chat, ["one more word"])
        await indexed(product)
    assert [len(page) for page in pages] == [PAGE, PAGE, 8]
    assert len({one for page in pages for one in page}) == len(texts) + 3


async def test_a_hit_says_where_it_is_also_on_a_branch_that_is_not_shown(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(title="Звери")
    question = (await user.send(chat, "Где живут ежи?")).start["userMessageId"]
    edited = await user.turn(f"{chat}/messages/{question}/edit", {"content": "Где живут кроты?"})
    await user.patch(f"/api/chat/{chat}", {"archived": True})
    await indexed(product)
    [hit] = [one for one in (await search(user, "ежи")).data if one["role"] == "user"]
    assert hit == {
        "kind": "message", "chatId": chat, "title": [{"text": "Звери", "match": False}], "archived": True,
        "messageId": question, "role": "user", "createdAt": hit["createdAt"],
        "snippet": [{"text": "Где живут ", "match": False}, {"text": "ежи", "match": True}, {"text": "?", "match": False}],
    }  # fmt: skip
    assert edited.start["userMessageId"] not in [one["messageId"] for one in (await search(user, "ежи")).data]
    shown_now = (await user.put(f"/api/chat/{chat}/branch", {"messageId": question})).data
    assert question in [message["id"] for message in shown_now["messages"]]


async def test_nobody_finds_what_is_somebody_else_s_or_deleted(product: Product) -> None:
    user, stranger = await product.user(), await product.user()
    chat = await chat_with(product, user, "secret hedgehog", title="Secret plans")
    await indexed(product)
    assert len(await found(user, "secret")) == 2
    assert await found(stranger, "secret") == []
    await user.delete(f"/api/chat/{chat}")
    assert await found(user, "secret") == []
    await user.post(f"/api/chat/{chat}/restore")
    assert len(await found(user, "secret")) == 2
    await user.delete(f"/api/chat/{chat}")
    await purge(product)
    await indexed(product)
    for table in (SearchMessage, SearchTitle, SearchQueue):
        assert await count_rows(product, table) == 0


async def test_answers_renamed_chats_and_changed_texts_are_found_as_they_are_now(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat(title=None)
    stream = await user.send(chat, "/emulator text=count;tokens=40\nСчитай ёжиков")
    answer = stream.start["messageId"]
    await indexed(product)
    assert answer in [hit["messageId"] for hit in (await search(user, stream.text.split()[-1] + " ")).data]
    assert [hit["kind"] for hit in (await search(user, "ёжик")).data][-1] == "message"
    await user.patch(f"/api/chat/{chat}", {"title": "Первое имя"})
    await indexed(product)
    await user.patch(f"/api/chat/{chat}", {"title": "Второе имя"})
    change = update(Message).where(Message.id == UUID(answer)).values(content="другое слово")
    await product.database.write(lambda session: session.execute(change))
    await indexed(product)
    assert (await found(user, "первое имя"), await found(user, "второе имя")) == ([], ["[Второе] [имя]"])
    assert await found(user, "другие слова ") == ["[другое] [слово]"]
    erase = update(Message).where(Message.id == UUID(answer)).values(content="")
    await product.database.write(lambda session: session.execute(erase))
    await indexed(product)
    assert await found(user, "другие слова ") == []


async def test_the_index_fills_itself_within_moments(product: Product) -> None:
    user = await product.user()
    await chat_with(product, user, "само собой")
    async with asyncio.timeout(20):
        while await found(user, "собой") != ["само [собой]"]:
            await asyncio.sleep(0.05)


async def test_an_answer_that_is_being_written_waits_for_its_end(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, "/emulator text=count;tokens=5000;speed=50\nGo") as response:
        await response.content.readuntil(b'"delta"')
        await indexed(product)
        assert await count_rows(product, SearchMessage) == 1
        assert await count_rows(product, SearchQueue) == 0
        await user.post(f"/api/chat/{chat}/stop")
        await response.content.read()
    await indexed(product)
    assert await count_rows(product, SearchMessage) == 2


async def test_many_workers_index_everything_once_and_never_something_older(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    ids = await insert_branch(product, chat, [f"begin{number}" for number in range(100)])
    workers = [Indexer(product.database) for _ in range(3)]

    async def work(indexer: Indexer) -> None:
        for _ in range(20):
            with suppress(IntegrityError):  # the same as `run` does
                await indexer.read_some()

    async def change() -> None:
        for number, one in enumerate(ids):
            values = update(Message).where(Message.id == UUID(one)).values(content=f"end{number}")
            await product.database.write(lambda session, values=values: session.execute(values))  # type: ignore[misc]

    await asyncio.gather(change(), *map(work, workers))
    await indexed(product)
    assert await found(user, "begin") == []
    assert [await found(user, f"end{number} ") for number in range(100)] == [
        [f"[end{number}]"] for number in range(100)
    ]
    assert await count_rows(product, SearchMessage) == 100


async def test_what_is_deleted_while_it_is_indexed_leaves_nothing(product: Product) -> None:
    user = await product.user()
    chats = [await chat_with(product, user, *["text of it"] * 10, title="T") for _ in range(5)]

    async def away(chat: str) -> None:
        for table in (Message, Chat):
            of = Message.chat_id if table is Message else Chat.id
            gone = delete(table).where(of == UUID(chat))
            await product.database.write(lambda session, gone=gone: session.execute(gone))  # type: ignore[misc]

    await asyncio.gather(
        *map(away, chats), *(Indexer(product.database).read_some() for _ in range(5)), return_exceptions=True
    )
    await indexed(product)
    for table in (Message, SearchMessage, SearchTitle, SearchQueue):
        assert await count_rows(product, table) == 0


async def test_two_messages_of_one_moment_are_both_found(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    first, second = await insert_branch(product, chat, ["same moment", "same moment"])
    one = UUID(first)
    twin = UUID(int=(one.int & ~(0x1FF << 20)) | 0x155 << 20)  # the same place, another id
    same = select(Message.created_at).where(Message.id == one).scalar_subquery()
    change = update(Message).where(Message.id == UUID(second)).values(id=twin, created_at=same, content="the moment")
    await product.database.write(lambda session: session.execute(change))
    await indexed(product)
    assert len(await found(user, "moment")) == 2
    places = select(func.count(func.distinct(SearchMessage.place)))
    assert await product.database.read(lambda session: session.scalar(places)) == 2


async def test_a_message_of_a_million_signs_is_found_by_its_beginning(product: Product) -> None:
    user = await product.user()
    await chat_with(
        product, user, "начало " + "середина " * 120_000 + "конец", " ".join(f"q{n}" for n in range(40_000))
    )
    await indexed(product)
    assert len(await found(user, "начало")) == 1
    assert await found(user, "конец") == []
    assert len((await search(user, "q7 q19 ")).data) == 1
    assert_refused(await user.get(f"/api/search?q={uuid4()}&cursor=" + "x" * 100), 400, "VALIDATION_ERROR")
