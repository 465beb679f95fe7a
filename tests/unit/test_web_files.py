"""The built web app: files as they were built, index.html for every page, JSON for everything that is neither."""

from pathlib import Path

import httpx
import pytest

from ai_chat.http.web_files import WebFiles

INDEX = '<!doctype html><html lang="ru"><head><title>AI Chat</title></head><body><div id="root"></div></body></html>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = tmp_path / "web_dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text(INDEX, encoding="utf-8")
    (built / "index.html.gz").write_bytes(b"compressed before the name was put in")
    (built / "theme.js").write_text("document", encoding="utf-8")
    (built / "favicon.svg").write_text("<svg/>", encoding="utf-8")
    (built / "assets" / "index-abc123.js").write_text("plain", encoding="utf-8")
    (built / "assets" / "index-abc123.js.br").write_bytes(b"brotli")
    (built / "assets" / "index-abc123.js.gz").write_bytes(b"gzip")
    (tmp_path / "secret.txt").write_text("hunter2", encoding="utf-8")
    return built


def client(folder: Path, brand: str = "AI Chat", locale: str = "ru") -> httpx.AsyncClient:
    app = WebFiles(folder, brand_name=brand, default_locale=locale)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def raw(folder: Path, path: str, method: str = "GET") -> httpx.Response:
    """Asks for the path as it stands: an HTTP client would tidy it up first."""
    app = WebFiles(folder, brand_name="AI Chat", default_locale="ru")
    start: dict[str, object] = {}
    body = b""

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    async def send(message: object) -> None:
        nonlocal body
        assert isinstance(message, dict)
        start.update(message)
        body += message.get("body", b"")

    await app({"type": "http", "method": method, "path": path, "headers": []}, receive, send)
    return httpx.Response(int(str(start["status"])), content=body)


@pytest.mark.parametrize("path", ["/", "/login", "/chat/0190a1b2-0000-7000-8000-000000000000", "/settings/"])
async def test_every_page_is_the_app(path: str, folder: Path) -> None:
    async with client(folder) as http:
        answer = await http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"
    assert '<div id="root">' in answer.text


@pytest.mark.parametrize(
    "path", ["/api", "/api/nothing", "/v1/nothing", "/health/x", "/metrics", "/docs", "/openapi.json"]
)
async def test_what_belongs_to_the_api_is_never_the_app(path: str, folder: Path) -> None:
    async with client(folder) as http:
        answer = await http.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == ("not_found" if path.startswith("/v1/") else "NOT_FOUND")


@pytest.mark.parametrize(
    "path", ["/assets/gone-000.js", "/assets/", "/favicon.ico", "/robots.txt", "/.env", "/chat/x.php"]
)
async def test_a_missing_file_is_a_json_404_and_not_the_app(path: str, folder: Path) -> None:
    async with client(folder) as http:
        answer = await http.get(path)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/assets/../../secret.txt",
        "/..\\secret.txt",
        "//secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/index.html/../../secret.txt",
        "/\x00secret.txt",
    ],
)
async def test_nothing_outside_the_folder_can_be_reached(path: str, folder: Path) -> None:
    answer = await raw(folder, path)
    assert answer.status_code == 404
    assert b"hunter2" not in answer.content


async def test_hashed_files_are_kept_for_ever_and_others_asked_for(folder: Path) -> None:
    async with client(folder) as http:
        hashed = await http.get("/assets/index-abc123.js", headers={"Accept-Encoding": "identity"})
        plain = await http.get("/theme.js")
    assert "immutable" in hashed.headers["cache-control"]
    assert "max-age=31536000" in hashed.headers["cache-control"]
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.headers["content-type"].startswith("text/javascript")


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=1.0, gzip;q=0.5", "br"),
        ("identity", None),
        ("", None),
    ],
)
async def test_a_file_is_sent_in_the_best_encoding_the_browser_takes(
    accepted: str, encoding: str | None, folder: Path
) -> None:
    transport = httpx.ASGITransport(WebFiles(folder, brand_name="x", default_locale="ru"))
    async with (
        httpx.AsyncClient(transport=transport, base_url="http://test") as http,
        http.stream("GET", "/assets/index-abc123.js", headers={"Accept-Encoding": accepted}) as answer,
    ):
        body = b"".join([piece async for piece in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert body == {"br": b"brotli", "gzip": b"gzip", None: b"plain"}[encoding]
    assert answer.headers["vary"] == "Accept-Encoding"


async def test_what_the_browser_has_is_not_sent_again(folder: Path) -> None:
    async with client(folder) as http:
        first = await http.get("/theme.js")
        again = await http.get("/theme.js", headers={"If-None-Match": first.headers["etag"]})
        other = await http.get("/theme.js", headers={"If-None-Match": '"something else"'})
    assert (again.status_code, again.content) == (304, b"")
    assert other.status_code == 200


async def test_a_head_request_is_answered_like_a_get(folder: Path) -> None:
    async with client(folder) as http:
        assert (await http.head("/theme.js")).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_page_can_only_be_read(method: str, folder: Path) -> None:
    async with client(folder) as http:
        answer = await http.request(method, "/login")
    assert (answer.status_code, answer.json()["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")


async def test_the_brand_and_the_language_stand_in_the_page(folder: Path) -> None:
    async with client(folder, "Ёжик", "en") as http:
        page = (await http.get("/")).text
    assert "<title>Ёжик</title>" in page
    assert '<html lang="en">' in page


async def test_a_brand_cannot_bring_its_own_markup(folder: Path) -> None:
    async with client(folder, '<script>alert("1")</script>&') as http:
        page = (await http.get("/")).text
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


async def test_the_page_is_never_the_one_that_was_compressed_before_its_name_was_known(folder: Path) -> None:
    async with client(folder, "Ёжик") as http:
        answer = await http.get("/", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in answer.headers


async def test_without_a_build_the_page_says_how_to_make_one(tmp_path: Path) -> None:
    async with client(tmp_path / "nothing") as http:
        answer = await http.get("/")
    assert answer.status_code == 404
    assert "make run" in answer.json()["error"]["message"]


async def test_the_installed_app_bears_the_servers_name(folder: Path) -> None:
    (folder / "manifest.webmanifest").write_text('{"name": "AI Chat", "short_name": "AI Chat", "start_url": "/"}')
    async with client(folder, brand='Чат "Ёлка"') as web:
        answer = await web.get("/manifest.webmanifest")
    assert answer.headers["content-type"] == "application/manifest+json"
    assert answer.json() == {"name": 'Чат "Ёлка"', "short_name": 'Чат "Ёлка"', "start_url": "/"}
