"""Passwords, tokens and their hashes never reach the log, at no level and in no crash."""

from typing import Any

import pytest
from sqlalchemy import text

from ai_chat.features.accounts.passwords import Passwords
from tests.api.helpers import assert_refused, captured_logs, cookie_of, with_cookie
from tests.conftest import BACKENDS
from tests.product import Api, Product

SECRET = "Tr0ub4dor&3-пароль"


def assert_secret_free(logged: str, *secrets: str) -> None:
    assert logged, "nothing was logged at all: the test proves nothing"
    for secret in (SECRET, *secrets):
        assert secret not in logged
    assert "$argon2" not in logged


async def test_a_session_from_beginning_to_end_leaves_no_secret(product: Product) -> None:
    with captured_logs() as logs:
        body = {"email": "log@example.com", "password": SECRET}
        registered = await product.anonymous.post("/api/auth/register", body)
        logged_in = await product.anonymous.post("/api/auth/login", body)
        failed = await product.anonymous.post("/api/auth/login", {**body, "password": SECRET + "x"})
        invalid = await product.anonymous.post("/api/auth/register", {"email": 1, "password": SECRET})
        assert [registered.status, logged_in.status, failed.status, invalid.status] == [200, 200, 401, 400]
        user = Api(product.session, product.url, logged_in.data["token"])
        chat = await user.new_chat()
        await user.send(chat, "What is said here is private")
        refreshed = await product.anonymous.post("/api/auth/refresh", headers=with_cookie(cookie_of(logged_in).value))
        again = await product.anonymous.post("/api/auth/refresh", headers=with_cookie("stolen-cookie-value"))
        assert_refused(again, 401, "UNAUTHORIZED")
        await user.post("/api/auth/logout")
    tokens = [registered.data["token"], logged_in.data["token"], refreshed.data["token"], "stolen-cookie-value"]
    tokens += [cookie_of(answer).value for answer in (registered, logged_in, refreshed)]
    assert_secret_free(logs.getvalue(), *tokens, product.emulator.api_key, "What is said here is private")


async def test_a_crash_while_a_password_is_checked_leaves_no_secret(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def crash(self: Passwords, password: str, stored: str | None) -> Any:
        raise RuntimeError("the hasher broke")

    user = await product.user()
    monkeypatch.setattr(Passwords, "verify", crash)
    with captured_logs() as logs:
        answer = await product.anonymous.post("/api/auth/login", {"email": user.user["email"], "password": SECRET})
    assert_refused(answer, 500, "INTERNAL_ERROR")
    assert "the hasher broke" in logs.getvalue()
    assert "the hasher broke" not in answer.text
    assert_secret_free(logs.getvalue())


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_a_crash_of_the_database_leaves_no_hash_and_no_message(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    broken = text("ALTER TABLE messages RENAME COLUMN content TO gone")
    await product.database.write(lambda session: session.execute(broken))
    with captured_logs() as logs:
        sent = await user.post(f"/api/chat/{chat}/message", {"content": "What is said here is private"})
    assert_refused(sent, 500, "INTERNAL_ERROR")
    assert "What is said here is private" not in logs.getvalue()
    broken = text("ALTER TABLE users RENAME COLUMN full_name TO gone")
    await product.database.write(lambda session: session.execute(broken))
    with captured_logs() as logs:
        answer = await product.anonymous.post("/api/auth/register", {"email": "log@example.com", "password": SECRET})
    assert_refused(answer, 500, "INTERNAL_ERROR")
    assert_secret_free(logs.getvalue())
    assert "log@example.com" not in logs.getvalue()
