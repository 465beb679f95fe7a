"""The browser's session: a rotating cookie, a stolen one, and the end of all of a session's tokens at once."""

import asyncio
from pathlib import Path

import pytest

from ai_chat.emulators.openrouter import Emulator
from tests.api.helpers import assert_refused, cookie_of, with_cookie
from tests.conftest import BACKENDS
from tests.product import PASSWORD, Answer, Api, Product, running_product


async def sign_up(product: Product, **headers: str) -> Answer:
    body = {"email": "web@example.com", "password": PASSWORD}
    return await product.anonymous.post("/api/auth/register", body, headers={"X-Client": "web", **headers})


async def refresh(product: Product, cookie: str, **headers: str) -> Answer:
    return await product.anonymous.post("/api/auth/refresh", headers=with_cookie(cookie, **headers))


async def test_the_cookie_is_for_the_auth_routes_only_and_no_script_can_read_it(product: Product) -> None:
    cookie = cookie_of(await sign_up(product))
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/api/auth", True, "strict")
    assert int(cookie["max-age"]) == 30 * 24 * 3600
    assert cookie["domain"] == ""
    assert not cookie["secure"]  # the product of this test is served over plain HTTP


async def test_behind_https_the_cookie_is_secure(tmp_path: Path, emulator: Emulator) -> None:
    async with running_product(data_dir=tmp_path, emulator=emulator, web_url="https://chat.example.com") as product:
        assert cookie_of(await sign_up(product))["secure"]
        at_home = await product.anonymous.post(
            "/api/auth/login",
            {"email": "web@example.com", "password": PASSWORD},
            headers={"Origin": "https://chat.example.com", "Host": "chat.example.com"},
        )
        assert cookie_of(at_home)["samesite"] == "strict"


async def test_refresh_gives_a_working_token_and_a_new_cookie(product: Product) -> None:
    first = cookie_of(await sign_up(product)).value
    answer = await refresh(product, first)
    assert set(answer.data) == {"token"}
    second = cookie_of(answer)
    assert second.value != first
    assert (second["path"], second["httponly"], second["samesite"]) == ("/api/auth", True, "strict")
    me = await Api(product.session, product.url, answer.data["token"]).get("/api/auth/me")
    assert me.data["email"] == "web@example.com"
    assert (await refresh(product, second.value)).status == 200


async def test_a_refreshed_token_lives_15_minutes(product: Product) -> None:
    cookie = cookie_of(await sign_up(product)).value
    user = Api(product.session, product.url, (await refresh(product, cookie)).data["token"])
    product.clock.travel(minutes=16)
    assert_refused(await user.get("/api/auth/me"), 401, "UNAUTHORIZED")


async def test_the_previous_cookie_still_gives_a_token_within_30_seconds(product: Product) -> None:
    first = cookie_of(await sign_up(product)).value
    second = cookie_of(await refresh(product, first)).value
    product.clock.travel(seconds=29)
    again = await refresh(product, first)
    assert again.data["token"]
    assert "Set-Cookie" not in again.headers
    assert (await refresh(product, second)).status == 200


async def test_the_previous_cookie_after_30_seconds_ends_the_session(product: Product) -> None:
    first = cookie_of(await sign_up(product)).value
    answer = await refresh(product, first)
    second = cookie_of(answer).value
    product.clock.travel(seconds=31)
    assert_refused(await refresh(product, first), 401, "UNAUTHORIZED")
    assert_refused(await refresh(product, second), 401, "UNAUTHORIZED")
    thief = Api(product.session, product.url, answer.data["token"])
    assert_refused(await thief.get("/api/auth/me"), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
async def test_five_tabs_that_refresh_at_the_same_moment_all_stay_signed_in(product: Product) -> None:
    cookie = cookie_of(await sign_up(product)).value
    answers = await asyncio.gather(*(refresh(product, cookie) for _ in range(5)))
    assert [answer.status for answer in answers] == [200] * 5
    assert len([answer for answer in answers if "Set-Cookie" in answer.headers]) == 1


async def test_a_session_that_is_not_used_for_30_days_ends(product: Product) -> None:
    cookie = cookie_of(await sign_up(product)).value
    product.clock.travel(days=29)
    cookie = cookie_of(await refresh(product, cookie)).value
    product.clock.travel(days=29)
    cookie = cookie_of(await refresh(product, cookie)).value
    product.clock.travel(days=31)
    assert_refused(await refresh(product, cookie), 401, "UNAUTHORIZED")


@pytest.mark.parametrize("cookie", ["", "x", "a" * 4000, "%00", "é"])
async def test_a_cookie_that_is_none_of_ours_is_refused(product: Product, cookie: str) -> None:
    assert_refused(await refresh(product, cookie), 401, "UNAUTHORIZED")


async def test_without_a_cookie_there_is_no_refresh_even_with_a_token(product: Product) -> None:
    user = await product.user()
    assert_refused(await user.post("/api/auth/refresh"), 401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:3001.evil.example", "http://[", "file://"]
)
async def test_a_foreign_page_may_not_use_the_cookie(product: Product, origin: str) -> None:
    cookie = cookie_of(await sign_up(product)).value
    assert_refused(await refresh(product, cookie, Origin=origin), 401, "UNAUTHORIZED")
    refused = await product.anonymous.post("/api/auth/logout", headers=with_cookie(cookie, Origin=origin))
    assert_refused(refused, 401, "UNAUTHORIZED")
    assert (await refresh(product, cookie)).status == 200


async def test_our_own_page_may_use_the_cookie(product: Product) -> None:
    cookie = cookie_of(await sign_up(product)).value
    for origin in (product.url, "http://localhost:3001", "http://localhost:3000"):
        answer = await refresh(product, cookie, Origin=origin)
        assert answer.status == 200, origin
        cookie = cookie_of(answer).value


async def test_an_origin_that_is_no_address_does_not_break_signing_in(product: Product) -> None:
    assert (await sign_up(product, Origin="http://[")).status == 200


async def test_logging_out_ends_all_tokens_of_the_session_at_once_and_no_other_session(product: Product) -> None:
    signed_up = await sign_up(product)
    cookie, first = cookie_of(signed_up).value, signed_up.data["token"]
    refreshed = await refresh(product, cookie)
    second, new_cookie = refreshed.data["token"], cookie_of(refreshed).value
    other = await product.anonymous.post("/api/auth/login", {"email": "web@example.com", "password": PASSWORD})
    out = await Api(product.session, product.url, second).post("/api/auth/logout")
    assert out.status == 200
    for token in (first, second):
        assert_refused(await Api(product.session, product.url, token).get("/api/auth/me"), 401, "UNAUTHORIZED")
    for value in (cookie, new_cookie):
        assert_refused(await refresh(product, value), 401, "UNAUTHORIZED")
    assert (await Api(product.session, product.url, other.data["token"]).get("/api/auth/me")).status == 200


async def test_the_cookie_alone_logs_out_and_is_taken_away(product: Product) -> None:
    signed_up = await sign_up(product)
    cookie = cookie_of(signed_up).value
    out = await product.anonymous.post("/api/auth/logout", headers=with_cookie(cookie))
    assert out.status == 200
    gone = cookie_of(out)
    assert (gone.value, gone["path"], gone["max-age"]) == ("", "/api/auth", "0")
    user = Api(product.session, product.url, signed_up.data["token"])
    assert_refused(await user.get("/api/auth/me"), 401, "UNAUTHORIZED")


async def test_logging_out_of_nothing_is_refused(product: Product) -> None:
    assert_refused(await product.anonymous.post("/api/auth/logout"), 401, "UNAUTHORIZED")
    user = await product.user()
    assert (await user.post("/api/auth/logout")).status == 200
    assert_refused(await user.post("/api/auth/logout"), 401, "UNAUTHORIZED")
