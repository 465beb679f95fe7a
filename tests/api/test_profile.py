"""What people change about themselves: name, address, password, and how they want the product to be."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from ai_chat.features.mail.models import Mail
from tests.api.helpers import assert_refused, cookie_of, questions_upstream, with_cookie
from tests.product import PASSWORD, Answer, Api, Product

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgres"], indirect=True)
NEW = "battery staple horse"


async def sign_in(product: Product, email: str, password: str = PASSWORD) -> Answer:
    return await product.anonymous.post("/api/auth/login", {"email": email, "password": password})


def system_prompts(product: Product, question: str) -> list[str]:
    (request,) = questions_upstream(product, question)
    assert isinstance(request.body, dict)
    messages: Any = request.body["messages"]
    return [message["content"] for message in messages if message["role"] == "system"]


async def test_a_name_is_changed_and_removed(product: Product) -> None:
    user = await product.user()
    assert (await user.patch("/api/auth/me", {"fullName": " Анна 🌿 "})).data["fullName"] == "Анна 🌿"
    assert (await user.patch("/api/auth/me", {})).data["fullName"] == "Анна 🌿"
    assert (await user.patch("/api/auth/me", {"fullName": " "})).data["fullName"] is None
    assert (await user.get("/api/auth/me")).data["fullName"] is None
    assert_refused(await user.patch("/api/auth/me", {"fullName": "x" * 256}), 400, "VALIDATION_ERROR")


@BOTH
async def test_a_new_address_needs_the_password_and_must_be_free(product: Product) -> None:
    user, other = await product.user(), await product.user()
    email = f"new-{user.user['email']}"
    path = "/api/auth/me"
    assert_refused(await user.patch(path, {"email": email}), 400, "VALIDATION_ERROR")
    assert_refused(await user.patch(path, {"email": email, "currentPassword": "wrong"}), 400, "WRONG_PASSWORD")
    taken = {"email": other.user["email"].upper(), "currentPassword": PASSWORD}
    assert_refused(await user.patch(path, taken), 400, "USER_EXISTS")
    assert (await user.patch(path, {"email": email.upper(), "currentPassword": PASSWORD})).data["email"] == email
    assert (await sign_in(product, email)).status == 200
    assert_refused(await sign_in(product, user.user["email"]), 401, "INVALID_CREDENTIALS")


@BOTH
async def test_a_new_password_signs_out_every_other_device_and_not_this_one(product: Product) -> None:
    user = await product.user()
    email = user.user["email"]
    elsewhere = await sign_in(product, email)
    device = Api(product.session, product.url, elsewhere.data["token"])
    wanted = {"newPassword": NEW, "currentPassword": PASSWORD}
    assert (await user.patch("/api/auth/me", wanted)).status == 200
    assert (await user.get("/api/auth/me")).status == 200
    assert_refused(await device.get("/api/auth/me"), 401, "UNAUTHORIZED")
    cookie = with_cookie(cookie_of(elsewhere).value)
    assert_refused(await product.anonymous.post("/api/auth/refresh", headers=cookie), 401, "UNAUTHORIZED")
    assert_refused(await sign_in(product, email), 401, "INVALID_CREDENTIALS")
    assert (await sign_in(product, email, NEW)).status == 200


async def test_the_address_so_far_is_told_that_the_way_in_has_changed(product: Product) -> None:
    user = await product.user()
    await user.patch("/api/preferences", {"language": "en"})
    before, after = user.user["email"], f"new-{user.user['email']}"
    wanted = {"email": after, "newPassword": NEW, "currentPassword": PASSWORD}
    assert (await user.patch("/api/auth/me", wanted)).status == 200
    same = {"email": after, "currentPassword": NEW}
    assert (await user.patch("/api/auth/me", same)).status == 200
    assert (await user.patch("/api/auth/me", {"fullName": "Anna"})).status == 200

    async def letters() -> list[Mail]:
        return list(await product.database.read(lambda session: session.scalars(select(Mail).order_by(Mail.id)).all()))

    told = [(letter.recipient, letter.subject) for letter in await letters()]
    assert told == [(before, "Your password has changed"), (before, "Your sign-in address has changed")]
    assert after in (await letters())[1].text
    assert (await user.call("DELETE", "/api/auth/me", {"password": NEW})).status == 200
    assert await letters() == []


async def test_of_two_new_passwords_at_once_one_is_set(product: Product) -> None:
    user = await product.user()
    wanted = [{"newPassword": f"{NEW} {number}", "currentPassword": PASSWORD} for number in range(2)]
    answers = await asyncio.gather(*(user.patch("/api/auth/me", one) for one in wanted))
    assert sorted(answer.status for answer in answers) == [200, 400]


async def test_guessing_the_current_password_is_slowed_down(product: Product) -> None:
    user = await product.user()
    for _ in range(10):
        wrong = {"newPassword": NEW, "currentPassword": "guess"}
        assert_refused(await user.patch("/api/auth/me", wrong), 400, "WRONG_PASSWORD")
    assert_refused(await user.patch("/api/auth/me", wrong), 429, "TOO_MANY_ATTEMPTS")


@BOTH
async def test_preferences_are_kept_one_by_one(product: Product) -> None:
    user, stranger = await product.user(), await product.user()
    path = "/api/preferences"
    assert set((await user.get(path)).data.values()) == {None}
    both = await asyncio.gather(user.patch(path, {"theme": "dark"}), user.patch(path, {"sendKey": "mod-enter"}))
    assert [answer.status for answer in both] == [200, 200]
    assert (await user.patch(path, {"theme": None, "favouriteModels": ["a/b"], "unknown": 1})).status == 200
    kept = {name: value for name, value in (await user.get(path)).data.items() if value is not None}
    assert kept == {"sendKey": "mod-enter", "favouriteModels": ["a/b"]}
    assert set((await stranger.get(path)).data.values()) == {None}


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "blue"},
        {"customInstructions": "x" * 4001},
        {"customInstructions": "🌿" * 600},
        {"customInstructions": "\x00"},
        {"favouriteModels": ["m"] * 201},
        {"textSize": 3},
    ],
)
async def test_a_preference_that_makes_no_sense_is_refused(product: Product, wrong: Any) -> None:
    user = await product.user()
    assert_refused(await user.patch("/api/preferences", wrong), 400, "VALIDATION_ERROR")


async def test_custom_instructions_stand_behind_the_system_prompt_of_every_message(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    assert (await user.patch("/api/preferences", {"customInstructions": " Отвечай кратко. "})).data[
        "customInstructions"
    ] == "Отвечай кратко."
    await user.send(chat, "Первый вопрос")
    assert system_prompts(product, "Первый вопрос") == ["Отвечай кратко."]
    await user.patch(f"/api/chat/{chat}", {"systemPrompt": "Ты капитан."})
    await user.send(chat, "Второй вопрос")
    assert system_prompts(product, "Второй вопрос") == ["Ты капитан.\n\nОтвечай кратко."]
    await user.patch("/api/preferences", {"customInstructions": "  "})
    await user.send(chat, "Третий вопрос")
    assert system_prompts(product, "Третий вопрос") == ["Ты капитан."]


async def test_how_long_a_model_thought_is_kept(product: Product) -> None:
    user = await product.user()
    chat = await user.new_chat()
    await user.send(chat, "/emulator text=reasoning;speed=200\nПодумай")
    await user.send(chat, "Без раздумий")
    _, thought, _, said = await user.messages(chat)
    assert thought["reasoningSeconds"] >= 0
    assert said["reasoningSeconds"] is None
