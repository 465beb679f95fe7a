"""Access tokens: how long they live, what a forged one is worth, and that the database knows better than the token."""

from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
import pytest
from sqlalchemy import delete

from ai_chat.features.accounts.models import User
from ai_chat.features.accounts.service import Accounts
from tests.api.helpers import assert_refused, change_user, moment
from tests.conftest import BACKENDS
from tests.product import PASSWORD, PREMIUM_MODEL, Api, Product


def claims_of(token: str) -> dict[str, Any]:
    return dict(jwt.decode(token, options={"verify_signature": False}))


def signed(product: Product, claims: dict[str, Any]) -> str:
    """A token with the server's own secret."""
    return jwt.encode(claims, product.app.state.parts[Accounts]._tokens._secret, algorithm="HS256")


def bearing(product: Product, token: str) -> Api:
    return Api(product.session, product.url, token)


async def test_the_token_of_a_plain_client_lives_24_hours(product: Product) -> None:
    user = await product.user()
    product.clock.travel(hours=23, minutes=59)
    assert (await user.get("/api/auth/me")).status == 200
    product.clock.travel(minutes=2)
    assert_refused(await user.get("/api/auth/me"), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("path", ["register", "login"])
async def test_the_token_of_the_browser_lives_15_minutes(product: Product, path: str) -> None:
    known = await product.user()
    email = known.user["email"] if path == "login" else "new@example.com"
    answer = await product.anonymous.post(
        f"/api/auth/{path}", {"email": email, "password": PASSWORD}, headers={"X-Client": "web"}
    )
    user = bearing(product, answer.data["token"])
    product.clock.travel(minutes=14)
    assert (await user.get("/api/auth/me")).status == 200
    product.clock.travel(minutes=2)
    assert_refused(await user.get("/api/auth/me"), 401, "UNAUTHORIZED")


async def test_a_refusal_of_a_token_says_how_to_sign_in(product: Product) -> None:
    answer = await product.anonymous.get("/api/auth/me")
    assert_refused(answer, 401, "UNAUTHORIZED")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "Token abc", "Bearer a b c", "Bearer " + "x" * 8000]
)
async def test_an_authorization_that_is_no_token_is_refused(product: Product, header: str) -> None:
    answer = await product.anonymous.get("/api/auth/me", headers={"Authorization": header})
    assert_refused(answer, 401, "UNAUTHORIZED")


async def test_forged_tokens_are_refused(product: Product) -> None:
    user = await product.user()
    assert user.token is not None
    claims, (head, body, signature) = claims_of(user.token), user.token.split(".")
    none_head = urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').decode().rstrip("=")
    forged = {
        "algorithm none": f"{none_head}.{body}.",
        "algorithm none with a signature": f"{none_head}.{body}.{signature}",
        "algorithm none, made by a library": jwt.encode(claims, None, algorithm="none"),
        "another secret": jwt.encode(claims, "another secret of a decent length!", algorithm="HS256"),
        "another algorithm": jwt.encode(claims, product.app.state.parts[Accounts]._tokens._secret, algorithm="HS512"),
        "no signature": f"{head}.{body}.",
        "a changed body": f"{head}.{body[:-2]}AA.{signature}",
        "another issuer": signed(product, {**claims, "iss": "somebody"}),
        "no session": signed(product, {name: value for name, value in claims.items() if name != "sid"}),
        "no end": signed(product, {name: value for name, value in claims.items() if name != "exp"}),
        "an end in words": signed(product, {**claims, "exp": "never"}),
        "an end long ago": signed(product, {**claims, "exp": 1}),
        "a user that is no id": signed(product, {**claims, "sub": "admin"}),
        "a session that is no id": signed(product, {**claims, "sid": "1 OR 1=1"}),
        "garbage": "not.a.token",
        "nothing": "..",
    }
    for how, token in forged.items():
        answer = await bearing(product, token).get("/api/auth/me")
        assert answer.status == 401, f"{how}: {answer.text}"
        assert_refused(answer, 401, "UNAUTHORIZED")


async def test_another_user_s_session_opens_nothing(product: Product) -> None:
    anna, boris = await product.user(), await product.user()
    assert anna.token is not None
    assert boris.token is not None
    mixed = signed(product, {**claims_of(anna.token), "sid": claims_of(boris.token)["sid"]})
    assert_refused(await bearing(product, mixed).get("/api/auth/me"), 401, "UNAUTHORIZED")


async def test_a_tier_in_the_token_is_ignored(product: Product) -> None:
    user = await product.user()
    assert user.token is not None
    assert "tier" not in " ".join(claims_of(user.token)).lower()
    boasting = signed(
        product,
        {**claims_of(user.token), "tier": "premium", "subscriptionTier": "premium", "subscription_tier": "premium"},
    )
    liar = bearing(product, boasting)
    assert (await liar.get("/api/auth/me")).data["subscriptionTier"] == "free"
    assert_refused(await liar.post("/api/chat", {"model": PREMIUM_MODEL}), 403, "MODEL_NOT_IN_PLAN")


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_a_deleted_user_is_not_found(product: Product) -> None:
    user = await product.user()
    await user.new_chat()
    leaving = delete(User).where(User.id == UUID(user.user["id"]))
    await product.database.write(lambda session: session.execute(leaving))
    assert_refused(await user.get("/api/auth/me"), 404, "USER_NOT_FOUND")


async def test_an_upgrade_is_seen_without_a_new_login(product: Product) -> None:
    user = await product.user()
    assert_refused(await user.post("/api/chat", {"model": PREMIUM_MODEL}), 403, "MODEL_NOT_IN_PLAN")
    await change_user(product, user, subscription_tier="premium")
    assert (await user.get("/api/auth/me")).data["subscriptionTier"] == "premium"
    assert (await user.post("/api/chat", {"model": PREMIUM_MODEL})).status == 200


async def test_premium_that_has_expired_is_free(product: Product) -> None:
    user = await product.user()
    ends = product.clock() + timedelta(days=30)
    await change_user(product, user, subscription_tier="premium", subscription_expires_at=ends)
    me = (await user.get("/api/auth/me")).data
    assert me["subscriptionTier"] == "premium"
    assert abs((moment(me["subscriptionExpiresAt"]) - ends).total_seconds()) < 1
    product.clock.travel(days=30, seconds=1)
    again = await product.anonymous.post("/api/auth/login", {"email": user.user["email"], "password": PASSWORD})
    assert again.data["user"]["subscriptionTier"] == "free"
    user = bearing(product, again.data["token"])
    assert (await user.get("/api/auth/me")).data["subscriptionTier"] == "free"
    assert_refused(await user.post("/api/chat", {"model": PREMIUM_MODEL}), 403, "MODEL_NOT_IN_PLAN")
    assert (await user.get("/api/usage")).data["messages"]["limit"] == 50


async def test_a_blocked_user_is_shut_out_at_once_and_cannot_sign_in(product: Product) -> None:
    registered = await product.anonymous.post("/api/auth/register", {"email": "b@example.com", "password": PASSWORD})
    user = Api(product.session, product.url, registered.data["token"], registered.data["user"])
    await change_user(product, user, blocked_at=product.clock())
    assert_refused(await user.get("/api/auth/me"), 401, "UNAUTHORIZED")
    body = {"email": "b@example.com", "password": PASSWORD}
    assert_refused(await product.anonymous.post("/api/auth/login", body), 403, "FORBIDDEN")
    cookie = registered.headers["Set-Cookie"].partition(";")[0]
    assert_refused(await product.anonymous.post("/api/auth/refresh", headers={"Cookie": cookie}), 401, "UNAUTHORIZED")


async def test_a_blocked_user_s_wrong_password_does_not_tell_that_the_account_exists(product: Product) -> None:
    user = await product.user()
    await change_user(product, user, blocked_at=product.clock())
    answer = await product.anonymous.post("/api/auth/login", {"email": user.user["email"], "password": "wrong horse"})
    assert_refused(answer, 401, "INVALID_CREDENTIALS")
