"""A blocked user, a session that was signed out and a deleted key lose what is open already, within seconds."""

import asyncio
from uuid import UUID

import aiohttp
import openai
import pytest
from openai import AsyncOpenAI
from sqlalchemy import delete

from ai_chat.commands import users
from ai_chat.features.accounts import access
from ai_chat.features.accounts.models import User
from tests.api.helpers import eventually, used_messages
from tests.api.test_openai_client import SLOW, nothing_is_open, program, read
from tests.product import MODEL, PASSWORD, Api, Product, read_stream

SECONDS = 8
LONG = "/emulator text=count;tokens=3000;speed=50\nGo"

pytestmark = pytest.mark.parametrize("backend", ["sqlite", "postgres+redis"], indirect=True)


async def to_its_end(response: aiohttp.ClientResponse) -> str:
    """All that still comes of a stream; a failing test if it does not end soon."""
    async with asyncio.timeout(SECONDS):
        return (await response.content.read()).decode()


async def only_one_runs(product: Product) -> bool:
    return len(product.relay) == 1


async def signed_in_again(product: Product, user: Api) -> Api:
    """The same person on another device."""
    body = {"email": user.user["email"], "password": PASSWORD}
    answer = (await product.anonymous.post("/api/auth/login", body)).data
    return Api(product.session, product.url, answer["token"], answer["user"])


async def test_a_blocked_user_loses_every_stream_and_the_answers_stop(product: Product) -> None:
    user, other = await product.user(), await product.user()
    chat, others = await user.new_chat(), await other.new_chat()
    async with (
        other.open_message(others, LONG) as untouched,
        user.open_message(chat, LONG) as sending,
        product.session.get(f"{product.url}/api/events", headers=user.headers()) as events,
        program(product, user) as client,
    ):
        stream = await client.chat.completions.create(model=MODEL, messages=SLOW, stream=True)
        await read_stream(sending, frames=3)
        async with product.session.get(f"{product.url}/api/chat/{chat}/stream", headers=user.headers()) as following:
            await read_stream(following, frames=3)
            await users.block(product.database, user.user["email"], blocked=True)
            with pytest.raises(openai.APIError):
                async with asyncio.timeout(SECONDS):
                    await read(stream, lambda _: None)
            await to_its_end(sending)
            await to_its_end(following)
            assert '"session.ended"' in await to_its_end(events)
        await eventually(lambda: only_one_runs(product))
        await read_stream(untouched, frames=3)
        assert (await user.get("/api/auth/me")).status == 401
        with pytest.raises(openai.AuthenticationError):
            await client.models.list()
    await other.post(f"/api/chat/{others}/stop")
    await eventually(lambda: nothing_is_open(product))
    await users.block(product.database, user.user["email"], blocked=False)
    again = await signed_in_again(product, user)
    [_, answer] = await again.messages(chat)
    assert answer["status"] == "stopped"
    assert answer["content"]
    assert await used_messages(again) == 2


async def test_a_deleted_user_loses_every_stream_and_nothing_is_left(product: Product) -> None:
    user, other = await product.user(), await product.user()
    chat, others = await user.new_chat(), await other.new_chat()
    async with (
        other.open_message(others, LONG) as untouched,
        user.open_message(chat, LONG) as sending,
        product.session.get(f"{product.url}/api/events", headers=user.headers()) as events,
        program(product, user) as client,
    ):
        stream = await client.chat.completions.create(model=MODEL, messages=SLOW, stream=True)
        await read_stream(sending, frames=3)
        gone = delete(User).where(User.id == UUID(user.user["id"]))
        await product.database.write(lambda session: session.execute(gone))
        with pytest.raises(openai.APIError):
            async with asyncio.timeout(SECONDS):
                await read(stream, lambda _: None)
        await to_its_end(sending)
        assert '"session.ended"' in await to_its_end(events)
        await eventually(lambda: only_one_runs(product))
        await read_stream(untouched, frames=3)
        assert (await user.get("/api/auth/me")).status in (401, 404)
    await other.post(f"/api/chat/{others}/stop")
    await eventually(lambda: nothing_is_open(product))


async def test_users_are_looked_for_in_turn_however_many_have_something_open(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "MOST_LOOKED_FOR", 1)
    users = [await product.user() for _ in range(3)]
    channels = [await product.session.get(f"{product.url}/api/events", headers=user.headers()) for user in users]
    gone = delete(User).where(User.id == UUID(users[2].user["id"]))
    await product.database.write(lambda session: session.execute(gone))
    assert '"session.ended"' in await to_its_end(channels[2])
    for channel in channels[:2]:
        assert not channel.content.at_eof()
        channel.close()


async def test_a_session_that_was_signed_out_reads_no_more_and_the_answer_goes_on(product: Product) -> None:
    user = await product.user()
    here, chat = await signed_in_again(product, user), await user.new_chat()
    async with (
        user.open_message(chat, LONG) as sending,
        here.session.get(f"{here.url}/api/chat/{chat}/stream", headers=here.headers()) as following,
    ):
        await read_stream(sending, frames=3)
        await user.post("/api/auth/logout")
        assert '"done"' not in await to_its_end(sending)
        assert len(product.relay) == 1, "it is the person's answer, and they are still there on another device"
        await read_stream(following, frames=3)
    assert (await here.post(f"/api/chat/{chat}/stop")).data == {"stopped": True}


async def test_a_new_password_ends_what_older_sessions_read(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    async with user.open_message(chat, LONG) as sending:
        await read_stream(sending, frames=3)
        await users.set_password(product.database, user.user["email"], "another " + PASSWORD)
        await to_its_end(sending)


@pytest.mark.parametrize("stream", [True, False])
async def test_a_deleted_key_s_answers_stop_and_another_key_s_go_on(product: Product, stream: bool) -> None:
    user = await product.user()
    async with program(product, user) as kept, program(product, user) as deleted:
        going_on = await kept.chat.completions.create(model=MODEL, messages=SLOW, stream=True)
        asking = asyncio.create_task(_ask_to_the_end(deleted, stream=stream))

        async def both_run() -> bool:
            return len(product.relay) == 2

        await eventually(both_run)
        [newest, _] = (await user.get("/api/keys")).data
        await user.delete(f"/api/keys/{newest['id']}")
        with pytest.raises(openai.APIError):
            async with asyncio.timeout(SECONDS):
                await asking
        await eventually(lambda: only_one_runs(product))
        await going_on.close()
    await eventually(lambda: nothing_is_open(product))


async def _ask_to_the_end(client: AsyncOpenAI, *, stream: bool) -> None:
    if stream:
        await read(await client.chat.completions.create(model=MODEL, messages=SLOW, stream=True), lambda _: None)
    else:
        await client.chat.completions.create(model=MODEL, messages=SLOW)
