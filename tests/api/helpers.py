"""What the tests of the API share: looking at refusals and cookies, and putting rows straight into the database."""

import asyncio
import io
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from http.cookies import SimpleCookie
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import Table, delete, insert, select, update
from sqlalchemy.orm import Session

from ai_chat.emulators.serving import RecordedRequest
from ai_chat.features.accounts.models import User
from ai_chat.features.chats.models import Chat, Message
from ai_chat.features.usage.models import UsageDay
from ai_chat.http.openai_errors import openai_error
from ai_chat.kernel.errors import ErrorCode
from ai_chat.kernel.ids import new_id
from ai_chat.kernel.logging import configure_logging
from ai_chat.kernel.tokens import estimate_tokens
from tests.product import MODEL, Answer, Api, Product

MOSCOW = ZoneInfo("Europe/Moscow")


def assert_refused(answer: Answer, status: int, code: str) -> dict[str, Any]:
    """The answer is this failure, in the envelope and nothing else. Returns the error object."""
    assert (answer.status, answer.body.get("error", {}).get("code")) == (status, code), answer.text[:500]
    assert set(answer.body) == {"success", "error"}
    assert answer.headers["Content-Type"].startswith("application/json")
    error = answer.error
    assert isinstance(error["message"], str)
    assert error["message"]
    assert "Traceback" not in answer.text
    return dict(error)


def assert_refused_at(path: str, answer: Answer, status: int, code: str) -> None:
    """The answer is this failure, in the language that is spoken at this path."""
    if not path.startswith("/v1"):
        assert_refused(answer, status, code)
        return
    assert answer.status == status, answer.text[:500]
    assert set(answer.body) == {"error"}
    assert answer.body["error"]["code"] == openai_error(ErrorCode.__members__[code], "")["code"]
    assert answer.body["error"]["message"]


def assert_limit(answer: Answer, code: str, *, limit: int, used: int) -> datetime:
    """A 429 as the contract wants it. Returns when it resets."""
    error = assert_refused(answer, 429, code)
    assert (error["limit"], error["used"]) == (limit, used)
    assert int(answer.headers["Retry-After"]) >= 1
    return moment(error["resetsAt"])


def moment(text: str) -> datetime:
    """A time as it stands on our wire."""
    assert text.endswith("Z"), text
    return datetime.fromisoformat(text)


def cookie_of(answer: Answer) -> Any:
    """The refresh cookie that an answer sets, with its attributes."""
    jar: SimpleCookie = SimpleCookie(answer.headers["Set-Cookie"])
    return jar["refresh_token"]


def with_cookie(value: str, **more: str) -> dict[str, str]:
    return {"Cookie": f"refresh_token={value}", **more}


async def eventually(check: Callable[[], Awaitable[object]], seconds: float = 10.0) -> Any:
    """Polls until `check` returns something true."""
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        found = await check()
        if found:
            return found
        assert asyncio.get_running_loop().time() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


async def used_messages(api: Api) -> int:
    return int((await api.get("/api/usage")).data["messages"]["used"])


async def use_messages(product: Product, api: Api, count: int) -> None:
    """As if the user had sent `count` messages today, beside those that are being answered now."""
    who, day = UUID(api.user["id"]), product.clock().astimezone(MOSCOW).date()

    def work(session: Session) -> None:
        known = session.execute(
            update(UsageDay)
            .where(UsageDay.user_id == who, UsageDay.day == day)
            .values(used=count)
            .returning(UsageDay.day)
        )
        if known.one_or_none() is None:
            session.execute(insert(UsageDay).values(user_id=who, day=day, used=count, reserved=0))

    await product.database.write(work)


def next_midnight(product: Product) -> datetime:
    """When the daily limits open again: midnight in Moscow."""
    today = product.clock().astimezone(MOSCOW).date()
    return datetime.combine(today + timedelta(days=1), time.min, MOSCOW)


def questions_upstream(product: Product, content: str) -> list[RecordedRequest]:
    """The requests with which the product has asked its upstream this question."""
    found = []
    for request in product.emulator.admin.requests("/chat/completions"):
        assert isinstance(request.body, dict)
        messages: Any = request.body["messages"]
        if request.body.get("stream") is True and messages[-1]["content"] == content:
            found.append(request)
    return found


async def insert_chats(
    product: Product, api: Api, count: int, *, step: timedelta = timedelta(seconds=1), model: str = MODEL
) -> list[str]:
    """Chats past the hourly limit, each `step` older than the one before: copies of a real one, which goes again.
    Returns ids, the newest first.
    """
    real, now, chats = UUID(await api.new_chat(model)), datetime.now(UTC), cast(Table, Chat.__table__)
    ids = [new_id() for _ in range(count)]

    def work(session: Session) -> None:
        row = session.execute(select(chats).where(chats.c.id == real)).mappings().one()
        rows = [
            {
                **row,
                "id": ids[number],
                "title": f"Chat {number}",
                "created_at": now - step * number,
                "updated_at": now - step * number,
            }
            for number in range(count)
        ]
        session.execute(insert(chats), rows)
        session.execute(delete(chats).where(chats.c.id == real))

    await product.database.write(work)
    return [str(found) for found in ids]


async def insert_branch(product: Product, chat_id: str, texts: list[str]) -> list[str]:
    """A conversation: user and assistant in turn. Returns the messages' ids, the oldest first."""
    now = datetime.now(UTC)
    ids = [new_id() for _ in texts]
    rows = [
        {
            "id": ids[number],
            "chat_id": UUID(chat_id),
            "parent_id": ids[number - 1] if number else None,
            "role": "assistant" if number % 2 else "user",
            "content": text,
            "status": "complete",
            "size_tokens": estimate_tokens(text),
            "tokens_used": 0,
            "created_at": now + timedelta(milliseconds=number),
        }
        for number, text in enumerate(texts)
    ]

    def work(session: Session) -> None:
        session.execute(insert(Message), rows)
        session.execute(update(Chat).where(Chat.id == UUID(chat_id)).values(leaf_id=ids[-1]))

    await product.database.write(work)
    return [str(found) for found in ids]


async def insert_system_message(product: Product, chat_id: str) -> str:
    """A message that is neither the person's nor a model's, on no active branch."""
    row = {
        "id": new_id(),
        "chat_id": UUID(chat_id),
        "role": "system",
        "content": "x",
        "status": "complete",
        "size_tokens": 1,
        "tokens_used": 0,
        "created_at": datetime.now(UTC),
    }
    await product.database.write(lambda session: session.execute(insert(Message), [row]))
    return str(row["id"])


async def change_user(product: Product, api: Api, **values: Any) -> None:
    change = update(User).where(User.id == UUID(api.user["id"])).values(**values)
    await product.database.write(lambda session: session.execute(change))


async def stored_user(product: Product, email: str) -> User:
    wanted = select(User).where(User.email == email)
    return await product.database.read(lambda session: session.scalars(wanted).one())


@contextmanager
def captured_logs() -> Iterator[io.StringIO]:
    """Everything that is logged, down to debug, as the operator's file would have it."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    configure_logging(level="debug", json_lines=True)
    written = io.StringIO()
    [handler] = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    try:
        yield written
    finally:
        root.handlers, root.level = before, level
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))
