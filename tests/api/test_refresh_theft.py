"""A stolen refresh cookie: whoever comes second, with however old a cookie, ends the session for both."""

from uuid import uuid4

import pytest

from tests.api.helpers import assert_refused, captured_logs, cookie_of, with_cookie
from tests.conftest import BACKENDS
from tests.product import PASSWORD, Answer, Api, Product


async def sign_up(product: Product) -> Answer:
    body = {"email": "web@example.com", "password": PASSWORD}
    return await product.anonymous.post("/api/auth/register", body, headers={"X-Client": "web"})


async def refresh(product: Product, cookie: str) -> Answer:
    return await product.anonymous.post("/api/auth/refresh", headers=with_cookie(cookie))


@pytest.mark.parametrize("backend", BACKENDS, indirect=True)
@pytest.mark.parametrize("times", [2, 5])
async def test_a_thief_who_refreshes_more_than_once_is_noticed(times: int, product: Product) -> None:
    stolen = cookie_of(await sign_up(product)).value
    cookie = stolen
    for _ in range(times):
        answer = await refresh(product, cookie)
        cookie = cookie_of(answer).value
    with captured_logs() as written:
        assert_refused(await refresh(product, stolen), 401, "UNAUTHORIZED")
    assert "a replaced refresh token came back" in written.getvalue()
    assert stolen not in written.getvalue()
    assert_refused(await refresh(product, cookie), 401, "UNAUTHORIZED")
    thief = Api(product.session, product.url, answer.data["token"])
    assert_refused(await thief.get("/api/auth/me"), 401, "UNAUTHORIZED")


async def test_logging_out_with_a_stolen_and_replaced_cookie_ends_the_thief_s_session_too(product: Product) -> None:
    stolen = cookie_of(await sign_up(product)).value
    second = cookie_of(await refresh(product, stolen)).value
    third = cookie_of(await refresh(product, second)).value
    out = await product.anonymous.post("/api/auth/logout", headers=with_cookie(stolen))
    assert_refused(out, 401, "UNAUTHORIZED")
    assert_refused(await refresh(product, third), 401, "UNAUTHORIZED")


async def test_a_theft_ends_no_other_session(product: Product) -> None:
    first = cookie_of(await sign_up(product)).value
    body = {"email": "web@example.com", "password": PASSWORD}
    other = cookie_of(await product.anonymous.post("/api/auth/login", body)).value
    assert_refused(await refresh(product, f"{first}x"), 401, "UNAUTHORIZED")
    assert_refused(await refresh(product, first), 401, "UNAUTHORIZED")
    assert (await refresh(product, other)).status == 200


async def test_a_cookie_without_its_session_or_of_another_one_is_refused(product: Product) -> None:
    mine = cookie_of(await sign_up(product)).value
    session_id, _, secret = mine.partition(".")
    for forged in (secret, f".{secret}", f"{uuid4()}.{secret}", f"{session_id}{secret}", session_id):
        assert_refused(await refresh(product, forged), 401, "UNAUTHORIZED")
    assert (await refresh(product, mine)).status == 200


async def test_a_session_that_is_used_all_the_time_ends_after_90_days(product: Product) -> None:
    answer = await sign_up(product)
    for _ in range(4):
        product.clock.travel(days=22)
        answer = await refresh(product, cookie_of(answer).value)
    product.clock.travel(days=2, seconds=-30)
    last = await refresh(product, cookie_of(answer).value)
    assert last.status == 200
    product.clock.travel(seconds=31)
    assert_refused(await refresh(product, cookie_of(last).value), 401, "UNAUTHORIZED")
    user = Api(product.session, product.url, last.data["token"])
    assert_refused(await user.get("/api/auth/me"), 401, "UNAUTHORIZED")
