"""Opening an account and signing in: what the plan's clients send and get."""

import asyncio

import pytest

from tests.api.helpers import assert_refused, moment
from tests.conftest import BACKENDS
from tests.product import PASSWORD, Product


async def test_registering_answers_a_token_and_the_user_and_nothing_else(product: Product) -> None:
    answer = await product.anonymous.post(
        "/api/auth/register", {"email": "test@example.com", "password": "password123", "fullName": "Test User"}
    )
    assert answer.status == 200
    assert set(answer.body) == {"success", "data"}
    assert set(answer.data) == {"token", "user"}
    user = answer.data["user"]
    assert set(user) == {"id", "email", "fullName", "subscriptionTier"}
    assert (user["email"], user["fullName"], user["subscriptionTier"]) == ("test@example.com", "Test User", "free")


async def test_logging_in_answers_the_same_shape_as_registering(product: Product) -> None:
    body = {"email": "test@example.com", "password": "password123"}
    registered = await product.anonymous.post("/api/auth/register", {**body, "fullName": "Test User"})
    logged_in = await product.anonymous.post("/api/auth/login", body)
    assert set(logged_in.data) == {"token", "user"}
    assert logged_in.data["user"] == registered.data["user"]


async def test_me_answers_the_contract_s_profile(product: Product) -> None:
    user = await product.user()
    me = (await user.get("/api/auth/me")).data
    planned = {"id", "email", "fullName", "subscriptionTier", "subscriptionExpiresAt", "createdAt"}
    assert set(me) == planned | {"role"}
    assert (me["id"], me["email"], me["subscriptionExpiresAt"]) == (user.user["id"], user.user["email"], None)
    assert abs((product.clock() - moment(me["createdAt"])).total_seconds()) < 60


@pytest.mark.parametrize("full_name", [None, ""])
async def test_a_name_may_be_left_out(product: Product, full_name: str | None) -> None:
    answer = await product.anonymous.post(
        "/api/auth/register", {"email": "a@example.com", "password": PASSWORD, "fullName": full_name}
    )
    assert answer.data["user"]["fullName"] is None


async def test_an_address_registers_once(product: Product) -> None:
    body = {"email": "once@example.com", "password": PASSWORD}
    assert (await product.anonymous.post("/api/auth/register", body)).status == 200
    assert_refused(await product.anonymous.post("/api/auth/register", body), 400, "USER_EXISTS")


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_of_two_registrations_at_the_same_moment_one_wins_and_the_other_is_told_so(product: Product) -> None:
    body = {"email": "twice@example.com", "password": PASSWORD}
    answers = await asyncio.gather(*(product.anonymous.post("/api/auth/register", body) for _ in range(2)))
    won, lost = sorted(answers, key=lambda answer: answer.status)
    assert won.status == 200
    assert_refused(lost, 400, "USER_EXISTS")


async def test_the_case_of_an_address_does_not_matter(product: Product) -> None:
    registered = await product.anonymous.post("/api/auth/register", {"email": "Test@X.com", "password": PASSWORD})
    assert registered.data["user"]["email"] == "test@x.com"
    logged_in = await product.anonymous.post("/api/auth/login", {"email": "tEST@x.COM", "password": PASSWORD})
    assert logged_in.data["user"]["id"] == registered.data["user"]["id"]
    again = await product.anonymous.post("/api/auth/register", {"email": "TEST@X.COM", "password": PASSWORD})
    assert_refused(again, 400, "USER_EXISTS")


async def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(product: Product) -> None:
    user = await product.user()
    wrong = await product.anonymous.post("/api/auth/login", {"email": user.user["email"], "password": "wrong horse"})
    unknown = await product.anonymous.post(
        "/api/auth/login", {"email": "nobody@example.com", "password": "wrong horse"}
    )
    assert_refused(wrong, 401, "INVALID_CREDENTIALS")
    assert (wrong.status, wrong.body) == (unknown.status, unknown.body)
    different = {"Date", "X-Request-Id"}
    assert {k: v for k, v in wrong.headers.items() if k.title() not in different} == {
        k: v for k, v in unknown.headers.items() if k.title() not in different
    }


async def test_a_password_of_eight_characters_is_enough_and_one_of_seven_is_not(product: Product) -> None:
    short = await product.anonymous.post("/api/auth/register", {"email": "a@example.com", "password": "1234567"})
    assert_refused(short, 400, "VALIDATION_ERROR")
    enough = await product.anonymous.post("/api/auth/register", {"email": "a@example.com", "password": "пароль12"})
    assert enough.status == 200


@pytest.mark.parametrize(
    "email", ["", "plain", "a@", "@b.com", "a b@c.com", "a@b@c.com", "a@localhost", "a@b..com", "x" * 300 + "@b.com"]
)
async def test_what_is_no_address_is_refused(product: Product, email: str) -> None:
    for path in ("/api/auth/register", "/api/auth/login"):
        error = assert_refused(
            await product.anonymous.post(path, {"email": email, "password": PASSWORD}), 400, "VALIDATION_ERROR"
        )
        assert error["fields"][0]["field"] == "email"


async def test_a_refusal_does_not_repeat_the_password(product: Product) -> None:
    answer = await product.anonymous.post("/api/auth/register", {"email": "no", "password": "hunter2hunter2"})
    assert answer.status == 400
    assert "hunter2" not in answer.text


async def test_russian_names_and_addresses_are_kept(product: Product) -> None:
    answer = await product.anonymous.post(
        "/api/auth/register", {"email": "почта@пример.рф", "password": PASSWORD, "fullName": "Анна Ёлкина 👩🏽‍🚀"}
    )
    assert answer.data["user"]["fullName"] == "Анна Ёлкина 👩🏽‍🚀"
    again = await product.anonymous.post("/api/auth/login", {"email": "ПОЧТА@ПРИМЕР.РФ", "password": PASSWORD})
    assert again.status == 200
