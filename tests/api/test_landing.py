"""What somebody who is not signed in gets: pages that need no script, in their language, with this server's name and prices."""

import re
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.landing.texts import LandingFileError, load_texts
from tests.product import PASSWORD, Product, running_product

RUSSIAN, ENGLISH = {"Accept-Language": "ru,en;q=0.8"}, {"Accept-Language": "en-GB,en;q=0.9,ru;q=0.1"}
HOSTILE = '"><script>fired()</script>'


@pytest.mark.parametrize(("path", "title"), [("/", "все сильные модели"), ("/pricing", "Тарифы")])
async def test_visitors_get_a_page_that_search_engines_can_read(product: Product, path: str, title: str) -> None:
    answer = await product.anonymous.get(path, headers=RUSSIAN)
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert '<html lang="ru">' in answer.text
    assert title in re.findall(r"<title>(.*?)</title>", answer.text)[0]
    for name in ('name="description"', 'property="og:title"', 'property="og:image"', 'rel="canonical"'):
        assert name in answer.text
    assert "990\u00a0₽" in answer.text
    assert "1\u00a0000 сообщений в день" in answer.text


async def test_only_where_something_is_sold_are_there_questions_about_paying(
    product: Product, tmp_path: Path, emulator: Emulator
) -> None:
    assert "<details" not in (await product.anonymous.get("/pricing")).text
    shop: dict[str, Any] = {
        "yookassa_shop_id": "1",
        "yookassa_secret_key": SecretStr("test_x"),
        "yookassa_base_url": "http://127.0.0.1:9",
    }
    async with running_product(data_dir=tmp_path / "selling", emulator=emulator, **shop) as selling:
        assert (await selling.anonymous.get("/pricing")).text.count("<details") == 4


async def test_the_language_is_the_browsers_or_the_addresses(product: Product) -> None:
    english = await product.anonymous.get("/", headers=ENGLISH)
    assert '<html lang="en">' in english.text
    assert english.headers["Content-Language"] == "en"
    assert "Accept-Language" in english.headers["Vary"]
    assert '<html lang="ru">' in (await product.anonymous.get("/?lang=ru", headers=ENGLISH)).text
    assert '<html lang="ru">' in (await product.anonymous.get("/", headers={"Accept-Language": "de"})).text


async def test_the_strict_policy_has_nothing_to_refuse(product: Product) -> None:
    answer = await product.anonymous.get("/")
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r"<script(?![^>]* src=)", answer.text) == []
    assert re.findall(r"\son\w+=|\sstyle=|<style", answer.text) == []


async def test_whoever_is_signed_in_on_this_browser_gets_the_app(product: Product) -> None:
    signed_in = await product.anonymous.post("/api/auth/register", {"email": "a@example.com", "password": PASSWORD})
    cookies = "; ".join(cookie.partition(";")[0] for cookie in signed_in.headers.getall("Set-Cookie"))  # type: ignore[attr-defined]
    assert "signed_in=1" in cookies
    at_home = await product.anonymous.get("/", headers={"Cookie": cookies})
    assert "og:title" not in at_home.text
    assert "Cookie" in at_home.headers.get("Vary", "Cookie")
    ended = await product.anonymous.post("/api/auth/logout", headers={"Cookie": cookies})
    assert any(
        cookie.startswith('signed_in="";') and "Max-Age=0" in cookie
        for cookie in ended.headers.getall("Set-Cookie")  # type: ignore[attr-defined]
    )


async def test_an_unchanged_page_is_not_sent_again(product: Product) -> None:
    first = await product.anonymous.get("/pricing")
    again = await product.anonymous.get("/pricing", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.text) == (304, "")
    assert (await product.anonymous.call("HEAD", "/")).status == 200


async def test_search_engines_are_told_where_to_look(product: Product) -> None:
    robots = (await product.anonymous.get("/robots.txt")).text
    assert "Disallow: /api/" in robots
    assert "/sitemap.xml" in robots
    assert "/pricing</loc>" in (await product.anonymous.get("/sitemap.xml")).text


async def test_an_operator_s_own_words_and_documents_are_shown_and_stay_text(
    tmp_path: Path, emulator: Emulator
) -> None:
    (tmp_path / "landing.toml").write_text(f"[ru]\nheadline = '''Моё {HOSTILE}'''\n", encoding="utf-8")
    changes = {
        "brand_name": f"Ёж {HOSTILE}", "seller": f"ИП Ёжиков {HOSTILE}", "offer_url": "https://example.com/offer?a=1&b=2",
        "support_email": "help@example.com",
    }  # fmt: skip
    async with running_product(data_dir=tmp_path, emulator=emulator, **changes) as product:
        page = (await product.anonymous.get("/", headers=RUSSIAN)).text
    assert "Моё &quot;&gt;&lt;script&gt;" in page
    assert "<script>" not in page
    assert "ИП Ёжиков" in page
    assert 'href="https://example.com/offer?a=1&amp;b=2"' in page
    assert 'href="mailto:help@example.com"' in page


async def test_a_private_server_has_no_shop_window(tmp_path: Path, emulator: Emulator) -> None:
    async with running_product(data_dir=tmp_path, emulator=emulator, landing="off") as product:
        for path in ("/", "/pricing"):
            assert "og:title" not in (await product.anonymous.get(path)).text
        assert (await product.anonymous.get("/robots.txt")).text == "User-agent: *\nDisallow: /\n"
        assert (await product.anonymous.get("/sitemap.xml")).status == 404


@pytest.mark.parametrize("content", ["[de]\n", "[ru]\nnothing = 'x'\n", "[ru]\nheadline = 1\n", "[ru\n"])
def test_a_file_of_texts_that_makes_no_sense_is_refused_in_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "landing.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LandingFileError, match=r"landing\.toml"):
        load_texts(path)


def test_both_languages_say_the_same_things() -> None:
    texts = load_texts(None)
    assert texts["ru"].keys() == texts["en"].keys()
    for name, text in texts["ru"].items():
        assert set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", texts["en"][name])), name
