"""How passwords are kept: argon2id for all, hashes of an earlier system taken over, no byte of a long one ignored."""

from typing import Any

import bcrypt
import pytest

from ai_chat.features.accounts.service import Accounts
from tests.api.helpers import assert_refused, change_user, stored_user
from tests.product import PASSWORD, Answer, Product


async def sign_in(product: Product, email: str, password: str) -> Answer:
    return await product.anonymous.post("/api/auth/login", {"email": email, "password": password})


def bcrypt_hash(password: str) -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(rounds=4)).decode()


async def test_a_password_is_kept_as_an_argon2id_hash(product: Product) -> None:
    user = await product.user()
    kept = (await stored_user(product, user.user["email"])).password_hash
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert PASSWORD not in kept


async def test_a_bcrypt_hash_is_accepted_and_replaced_at_the_next_login(product: Product) -> None:
    user = await product.user()
    email = user.user["email"]
    await change_user(product, user, password_hash=bcrypt_hash("old password"))
    assert_refused(await sign_in(product, email, "other password"), 401, "INVALID_CREDENTIALS")
    assert (await stored_user(product, email)).password_hash.startswith("$2b$")
    assert (await sign_in(product, email, "old password")).status == 200
    assert (await stored_user(product, email)).password_hash.startswith("$argon2id$")
    assert (await sign_in(product, email, "old password")).status == 200
    assert_refused(await sign_in(product, email, "other password"), 401, "INVALID_CREDENTIALS")


async def test_a_long_password_of_a_bcrypt_user_counts_in_full_from_the_first_login_on(product: Product) -> None:
    user = await product.user()
    email, long_one = user.user["email"], "пароль" * 20
    await change_user(product, user, password_hash=bcrypt_hash(long_one))
    assert (await sign_in(product, email, long_one)).status == 200
    assert_refused(await sign_in(product, email, long_one[:-1]), 401, "INVALID_CREDENTIALS")


async def test_an_argon2_hash_with_weaker_settings_is_renewed(product: Product) -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher  # noqa: PLC0415

    user = await product.user()
    weak = Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1).hash("weak settings")
    await change_user(product, user, password_hash=weak)
    assert (await sign_in(product, user.user["email"], "weak settings")).status == 200
    assert (await stored_user(product, user.user["email"])).password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.parametrize("kept", ["", "plain text", "$argon2id$broken", "$2b$04$broken", "!"])
async def test_a_hash_that_nobody_understands_lets_nobody_in(product: Product, kept: str) -> None:
    user = await product.user()
    await change_user(product, user, password_hash=kept)
    for tried in (PASSWORD, "plain text", kept or "x"):
        assert_refused(await sign_in(product, user.user["email"], tried), 401, "INVALID_CREDENTIALS")


@pytest.mark.parametrize("start", ["x" * 72, "я" * 36, "👩🏽‍🚀" * 5], ids=["latin", "cyrillic", "emoji"])
async def test_passwords_that_differ_only_after_byte_72_are_different(product: Product, start: str) -> None:
    body = {"email": "long@example.com", "password": start + "right"}
    assert (await product.anonymous.post("/api/auth/register", body)).status == 200
    assert_refused(await sign_in(product, "long@example.com", start + "wrong"), 401, "INVALID_CREDENTIALS")
    assert_refused(await sign_in(product, "long@example.com", start), 401, "INVALID_CREDENTIALS")
    assert (await sign_in(product, "long@example.com", start + "right")).status == 200


async def test_blanks_around_a_password_belong_to_it(product: Product) -> None:
    body = {"email": "blank@example.com", "password": "  eight chars  "}
    assert (await product.anonymous.post("/api/auth/register", body)).status == 200
    assert_refused(await sign_in(product, "blank@example.com", "eight chars"), 401, "INVALID_CREDENTIALS")
    assert (await sign_in(product, "blank@example.com", "  eight chars  ")).status == 200


async def test_an_unknown_address_costs_the_same_work_as_a_wrong_password(
    product: Product, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = await product.user()
    hasher = product.app.state.parts[Accounts]._passwords._hasher
    compared: list[str] = []

    def watch(password: str, kept: str, real: Any = hasher.verify_and_update) -> Any:
        compared.append(kept.rpartition("$")[0].rpartition("$")[0])
        return real(password, kept)

    monkeypatch.setattr(hasher, "verify_and_update", watch)
    for email in (user.user["email"], "nobody@example.com"):
        assert_refused(await sign_in(product, email, "wrong horse"), 401, "INVALID_CREDENTIALS")
    assert compared == ["$argon2id$v=19$m=19456,t=2,p=1"] * 2
