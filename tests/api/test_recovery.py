"""A forgotten password: the letter's link sets a new one, once, within an hour, and tells nobody else anything."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import select, update

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.accounts.models import User
from ai_chat.features.mail.models import Mail
from tests.api.helpers import assert_refused, cookie_of, with_cookie
from tests.product import PASSWORD, Answer, Api, Product, running_product

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
NEW = "battery staple horse"
FORGOT, RESET = "/api/auth/forgot-password", "/api/auth/reset-password"


@pytest.fixture
async def product(tmp_path: Path, database_url: str | None, emulator: Emulator) -> AsyncIterator[Product]:
    smtp = SecretStr("smtp://127.0.0.1:9")  # nobody is there: letters stay in the outbox
    async with running_product(
        data_dir=tmp_path / "data", emulator=emulator, database_url=database_url, smtp_url=smtp
    ) as product:
        yield product


async def letters(product: Product) -> list[Mail]:
    return await product.database.read(lambda session: list(session.scalars(select(Mail).order_by(Mail.id))))


async def token_for(product: Product, user: Api) -> str:
    await product.anonymous.post(FORGOT, {"email": user.user["email"].upper(), "language": "en"})
    return (await letters(product))[-1].text.partition("#")[2].split()[0]


async def sign_in(product: Product, user: Api, password: str) -> Answer:
    return await product.anonymous.post("/api/auth/login", {"email": user.user["email"], "password": password})


@BOTH
async def test_the_link_sets_a_new_password_once_and_ends_every_session(product: Product) -> None:
    user = await product.user()
    cookie = with_cookie(cookie_of(await sign_in(product, user, PASSWORD)).value)
    token = await token_for(product, user)
    uses = await asyncio.gather(*(product.anonymous.post(RESET, {"token": token, "password": NEW}) for _ in range(2)))
    assert sorted(answer.status for answer in uses) == [200, 400]
    (done,) = (answer for answer in uses if answer.status == 200)
    assert done.data == {"email": user.user["email"]}
    (told,) = [letter for letter in await letters(product) if letter.subject == "Пароль изменён"]
    assert told.recipient == user.user["email"]
    assert_refused(
        await product.anonymous.post(RESET, {"token": token, "password": PASSWORD}), 400, "RECOVERY_LINK_INVALID"
    )
    assert_refused(await user.get("/api/auth/me"), 401, "UNAUTHORIZED")
    assert_refused(await product.anonymous.post("/api/auth/refresh", headers=cookie), 401, "UNAUTHORIZED")
    assert_refused(await sign_in(product, user, PASSWORD), 401, "INVALID_CREDENTIALS")
    assert (await sign_in(product, user, NEW)).status == 200


async def test_a_link_is_worth_nothing_after_an_hour_or_once_password_or_address_have_changed(product: Product) -> None:
    old, changed, moved = [await product.user() for _ in range(3)]
    tokens = [await token_for(product, user) for user in (old, changed, moved)]
    await changed.patch("/api/auth/me", {"newPassword": NEW, "currentPassword": PASSWORD})
    await moved.patch("/api/auth/me", {"email": f"new-{moved.user['email']}", "currentPassword": PASSWORD})
    for token in tokens[1:]:
        refused = await product.anonymous.post(RESET, {"token": token, "password": "another one"})
        assert_refused(refused, 400, "RECOVERY_LINK_INVALID")
    product.clock.travel(seconds=3601)
    late = await product.anonymous.post(RESET, {"token": tokens[0], "password": NEW})
    assert_refused(late, 400, "RECOVERY_LINK_INVALID")


async def test_a_link_cannot_be_made_or_bent(product: Product) -> None:
    user, other = await product.user(), await product.user()
    name, until, proof = (await token_for(product, user)).split(".")
    for forged in (
        "", "x", "..", f"{name}.{until}.", f"{name}.{int(until) + 60}.{proof}", f"{other.user['id']}.{until}.{proof}",
        f"{name}.{until}.{proof[:-1]}", f"{name}.²{until}.{proof}", f"{name}.{until}.{proof}я",
    ):  # fmt: skip
        refused = await product.anonymous.post(RESET, {"token": forged, "password": NEW})
        assert_refused(refused, 400, "RECOVERY_LINK_INVALID")
    assert (await sign_in(product, user, PASSWORD)).status == 200


async def test_nobody_learns_whether_there_is_an_account_and_nobody_s_mailbox_is_flooded(product: Product) -> None:
    user, blocked = await product.user(), await product.user()
    stop = update(User).where(User.email == blocked.user["email"]).values(blocked_at=product.clock())
    await product.database.write(lambda session: session.execute(stop))
    known = [await product.anonymous.post(FORGOT, {"email": user.user["email"]}) for _ in range(3)]
    silent = [
        await product.anonymous.post(FORGOT, {"email": email}) for email in ("a@b.example", blocked.user["email"])
    ]
    assert {answer.text for answer in known} == {answer.text for answer in silent}
    product.clock.travel(seconds=600)
    await product.anonymous.post(FORGOT, {"email": user.user["email"]})
    found = await letters(product)
    assert 2 <= len(found) <= 3  # ten minutes may end between two that are asked for at once
    assert {letter.recipient for letter in found} == {user.user["email"]}


async def test_not_even_an_administrator_is_shown_the_link(product: Product) -> None:
    user, admin = await product.user(), await product.user()
    await token_for(product, user)
    promotion = update(User).where(User.email == admin.user["email"]).values(role="admin")
    await product.database.write(lambda session: session.execute(promotion))
    answer = await admin.get("/api/admin/mails")
    assert [letter["recipient"] for letter in answer.data] == [user.user["email"]]
    assert [letter["text"] for letter in answer.data] == [None]


async def test_without_a_mail_server_the_answer_says_so(tmp_path: Path, emulator: Emulator) -> None:
    async with running_product(data_dir=tmp_path / "data", emulator=emulator) as product:
        user = await product.user()
        assert (await product.anonymous.post(FORGOT, {"email": user.user["email"]})).data == {"sent": False}
        assert await letters(product) == []
