"""Signing in renews an outdated hash, and never undoes what happens to the account at the same moment."""

from typing import Any

import bcrypt
import pytest

from ai_chat.commands import users
from ai_chat.features.accounts.passwords import Passwords
from tests.api.helpers import assert_refused, change_user
from tests.product import Answer, Product


async def sign_in(product: Product, email: str, password: str) -> Answer:
    return await product.anonymous.post("/api/auth/login", {"email": email, "password": password})


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_a_password_that_is_set_during_a_login_stays(product: Product, monkeypatch: pytest.MonkeyPatch) -> None:
    user = await product.user()
    email = user.user["email"]
    await change_user(product, user, password_hash=bcrypt.hashpw(b"old password", bcrypt.gensalt(4)).decode())
    real = Passwords.verify

    async def slow(self: Passwords, password: str, stored: str | None) -> Any:
        outcome = await real(self, password, stored)
        await users.set_password(product.database, email, "new password")
        return outcome

    with monkeypatch.context() as during:
        during.setattr(Passwords, "verify", slow)
        await sign_in(product, email, "old password")
    assert (await sign_in(product, email, "new password")).status == 200
    assert_refused(await sign_in(product, email, "old password"), 401, "INVALID_CREDENTIALS")
