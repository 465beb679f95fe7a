"""What an operator does to an account from the shell finds it by its address, in whatever letters that is typed."""

import pytest

from ai_chat.commands import users
from ai_chat.commands.on_database import CommandFailed
from tests.api.helpers import assert_refused
from tests.product import PASSWORD, Product

TYPED = ["иван@пример.рф", "Иван@Пример.рф", " ИВАН@ПРИМЕР.РФ ", "иван@xn--e1afmkfd.xn--p1ai"]


@pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
async def test_an_account_is_found_however_its_address_is_typed(product: Product) -> None:
    user = await product.user(email="иван@пример.рф")
    for typed in TYPED:
        await users.set_plan(product.database, typed, "premium", None)
        assert (await user.get("/api/auth/me")).data["subscriptionTier"] == "premium"
        await users.set_plan(product.database, typed, "free", None)
        await users.block(product.database, typed, blocked=True)
        body = {"email": "иван@пример.рф", "password": PASSWORD}
        assert_refused(await product.anonymous.post("/api/auth/login", body), 403, "FORBIDDEN")
        await users.block(product.database, typed, blocked=False)
        await users.set_password(product.database, typed, PASSWORD)
        user.token = (await product.anonymous.post("/api/auth/login", body)).data["token"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nobody", "'nobody' is not an e-mail address: An email address must have an @-sign."),
        ("a@b", "'a@b' is not an e-mail address: the part after @ has no dot."),
        ("", "'' is not an e-mail address: An email address must have an @-sign."),
        ("Никто@Пример.рф", "There is no account никто@пример.рф."),
    ],
    ids=["word", "no dot", "empty", "nobody"],
)
async def test_what_is_no_account_is_said_in_one_sentence(typed: str, said: str, product: Product) -> None:
    with pytest.raises(CommandFailed) as refusal:
        await users.block(product.database, typed, blocked=True)
    assert str(refusal.value) == said
