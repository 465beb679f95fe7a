"""Methods, paths, origins and headers that are not as they should be."""

import io
import re

import pytest

from tests.api.conftest import Target
from tests.api.helpers import assert_refused_at
from tests.api.routes import all_routes

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROUTES = all_routes()
PATHS = sorted({route.path for route in ROUTES})
ADDRESSES = {route.path: route for route in ROUTES}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "QUERY")
OURS, FOREIGN = "https://chat.example.com", "https://evil.example"
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
}


def fits(pattern: str, path: str) -> bool:
    """`/api/files/{file_id}` fits `/api/files/allowance` as well."""
    return re.fullmatch(re.sub(r"{\w+}", "[^/]+", pattern), path) is not None


@pytest.mark.parametrize("path", PATHS)
async def test_a_wrong_method_is_a_405_in_the_envelope(target: Target, path: str) -> None:
    right = {route.method for route in ROUTES if fits(route.path, path)}
    for method in set(METHODS) - right:
        answer = await target.user.call(method, ADDRESSES[path].at(chat_id=target.chat))
        assert answer.status == 405, f"{method}: {answer.status} {answer.text[:200]}"
        assert_refused_at(path, answer, 405, "METHOD_NOT_ALLOWED")
        assert {name.strip() for name in answer.headers["Allow"].split(",")} <= right, method


@pytest.mark.parametrize("path", PATHS)
async def test_head_crashes_nothing(target: Target, path: str) -> None:
    answer = await target.user.call("HEAD", ADDRESSES[path].at(chat_id=target.chat))
    assert answer.status in (200, 204, 405)
    assert answer.text == ""


@pytest.mark.parametrize(
    "path",
    [
        "/api", "/api/", "/api/nothing", "/api/auth", "/api/auth/", "/api/auth/me/", "/api/chat/", "/api/chat//message",
        "/api/chat/a/b/c", "/api/auth/me%00", "/api/chat.json", "/v1", "/v1/", "/v1/nothing",
        "/v1/chat/nothing", "/health/", "/health/x", "/api/" + "x" * 5000, "/api/тест", "/api/index.html", "/api/a.js",
    ],
)  # fmt: skip
async def test_an_unknown_path_of_the_api_is_a_json_404_and_never_the_web_page(target: Target, path: str) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        assert_refused_at(path, await target.user.call(method, path), 404, "NOT_FOUND")


async def test_a_preflight_of_our_web_app_is_answered(target: Target) -> None:
    for origin in (OURS, "http://localhost:3000"):
        answer = await target.product.anonymous.call(
            "OPTIONS",
            "/api/chat",
            headers={
                "Origin": origin,
                "Access-Control-Request-Method": "PATCH",
                "Access-Control-Request-Headers": "authorization,content-type,last-event-id,x-client",
            },
        )
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert {"GET", "POST", "PATCH", "DELETE"} <= set(answer.headers["Access-Control-Allow-Methods"].split(", "))


@pytest.mark.parametrize(
    "origin", [FOREIGN, "null", "https://chat.example.com.evil.example", "http://chat.example.com", "https://[", "*"]
)
async def test_a_foreign_page_gets_neither_a_preflight_nor_an_answer_it_may_read(target: Target, origin: str) -> None:
    preflight = await target.product.anonymous.call(
        "OPTIONS", "/api/chat", headers={"Origin": origin, "Access-Control-Request-Method": "POST"}
    )
    assert preflight.status == 400
    assert "Access-Control-Allow-Origin" not in preflight.headers
    answer = await target.user.get("/api/auth/me", headers={"Origin": origin})
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_failures_carry_the_cors_headers_too(target: Target) -> None:
    chat = f"/api/chat/{target.chat}"
    answers = [
        await target.product.anonymous.get("/api/auth/me", headers={"Origin": OURS}),
        await target.user.get("/api/nothing", headers={"Origin": OURS}),
        await target.user.post(f"{chat}/message", data=b"{", headers={"Origin": OURS}),
        await target.user.patch(chat, data=io.BytesIO(bytes(1_100_000)), headers={"Origin": OURS}),
        await target.user.call("PUT", chat, headers={"Origin": OURS}),
    ]
    assert [answer.status for answer in answers] == [401, 404, 400, 413, 405]
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == OURS
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("path", ["/health", "/api/auth/me", "/api/nothing", "/", "/some/page", "/api/chat"])
async def test_every_answer_has_the_security_headers(target: Target, path: str) -> None:
    for method in ("GET", "PUT"):
        answer = await target.product.anonymous.call(method, path)
        assert {name: answer.headers[name] for name in SECURITY_HEADERS} == SECURITY_HEADERS
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith(("default-src 'self'", "default-src 'none'"))
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval" not in policy
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_answers_of_the_api_are_not_kept_by_caches(target: Target) -> None:
    for path in ("/health", "/api/auth/me", "/api/nothing"):
        assert (await target.user.get(path)).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("given", ["abcdef12-3456", "x" * 64])
async def test_a_request_id_is_taken_over(target: Target, given: str) -> None:
    assert (await target.user.get("/health", headers={"X-Request-Id": given})).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", ["", "x", "x" * 65, "a b c d e f g", "<script>alert</script>", "ёёёёёёёё"])
async def test_a_request_id_that_could_do_harm_is_replaced(target: Target, given: str) -> None:
    answer = await target.user.get("/health", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] != given
    assert answer.headers["X-Request-Id"].isalnum()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "["},
        {"Host": "evil.example"},
        {"Cookie": "refresh_token=\t; =; ;;; a=b=c"},
        {"Cookie": "refresh_token=" + "x" * 10_000},
        {"X-Forwarded-For": "not an address, , ::::"},
        {"Accept": "text/html"},
        {"Accept-Encoding": "nonsense;q=abc"},
        {"Content-Type": "application/json; charset=nonsense"},
        {"User-Agent": "x" * 5000},
        {"Range": "bytes=0-0"},
        {"If-None-Match": "*"},
        {"Expect": "nonsense"},
        {"Last-Event-ID": "x" * 1000},
        {"X-Client": "я"},
        {"Origin": "https://["},
    ],
    ids=str,
)
async def test_a_strange_header_crashes_nothing(target: Target, headers: dict[str, str]) -> None:
    calls = [("GET", "/health"), ("GET", "/api/auth/me"), ("POST", "/api/auth/refresh"), ("POST", "/api/auth/login")]
    for method, path in calls:
        body = b'{"email": "nobody@example.com", "password": "wrong horse"}' if path.endswith("login") else None
        answer = await target.product.anonymous.call(method, path, data=body, headers=headers)
        assert answer.status < 500, f"{method} {path}: {answer.status}"
