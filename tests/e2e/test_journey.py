"""A newcomer's way through the product, with a real model's answer, in a real browser, in Russian."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sentence
from tests.e2e.steps import PASSWORD, answers, ask, composer, expect_answers, register

pytestmark = [pytest.mark.e2e, pytest.mark.local_model, pytest.mark.timeout(300)]


def test_a_newcomer_registers_asks_and_reads_a_real_answer(open_page: Callable[..., Page]) -> None:
    page = open_page()
    email = register(page)
    expect(page.get_by_text("Анна")).not_to_have_count(0)

    ask(page, "What is the capital of France?")
    expect_answers(page, 1)
    expect(page.get_by_role("main")).to_contain_text("Paris")

    ask(page, "Привет! 👩‍🚀 Ёлка — «зелёная»?")
    expect_answers(page, 2)
    expect(page.get_by_role("main")).to_contain_text("Привет! 👩‍🚀 Ёлка — «зелёная»?")

    page.reload()
    expect(page.get_by_role("main")).to_contain_text("Paris")
    expect(page.get_by_role("main")).to_contain_text("Ёлка — «зелёная»?")

    page.get_by_role("button", name=sentence("preferences.account")).click()
    page.get_by_role("menuitem", name=sentence("auth.logout")).click()
    expect(page.get_by_role("heading", name=sentence("auth.loginTitle"))).to_be_visible()

    page.get_by_label(sentence("auth.email")).fill(email.upper())
    page.get_by_label(sentence("auth.password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=sentence("auth.login")).click()
    expect(composer(page)).to_be_visible()
    page.get_by_role("navigation").get_by_role("link").filter(has_text="capital of France").click()
    expect(page.get_by_role("main")).to_contain_text("Paris")


def test_a_long_answer_survives_a_reload_and_can_be_stopped(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    ask(page, "Write a very long story about a cat who sails around the world.")
    expect(page.get_by_role("button", name=sentence("chat.stop"))).to_be_visible()
    page.wait_for_url("**/c/*")
    expect(answers(page)).to_contain_text("cat")
    page.reload()
    stop = page.get_by_role("button", name=sentence("chat.stop"))
    expect(stop).to_be_visible()
    stop.click()
    expect(answers(page).get_by_text(sentence("chat.stopped"))).to_be_visible()
    page.reload()
    expect(answers(page).get_by_text(sentence("chat.stopped"))).to_be_visible()


def test_wrong_credentials_are_explained_and_nothing_typed_is_lost(open_page: Callable[..., Page]) -> None:
    page = open_page("/login")
    page.get_by_label(sentence("auth.email")).fill("nobody@example.com")
    page.get_by_label(sentence("auth.password"), exact=True).fill("wrong password")
    page.get_by_role("button", name=sentence("auth.login")).click()
    expect(page.get_by_text(sentence("errors.INVALID_CREDENTIALS"))).to_be_visible()
    expect(page.get_by_label(sentence("auth.email"))).to_have_value("nobody@example.com")


def test_a_model_that_cannot_answer_says_so(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    page.get_by_role("button", name="SmolLM2").click()
    page.get_by_placeholder(sentence("models.search")).fill("GPT-4 Turbo")
    expect(page.get_by_text("GPT-4 Turbo").first).to_be_visible()
    expect(page.get_by_text("OPENROUTER_API_KEY").first).to_be_visible()


def test_a_chat_is_renamed_and_deleted(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    ask(page, "What is the capital of Italy?")
    expect_answers(page, 1)
    chats = page.get_by_role("navigation")
    row = chats.get_by_role("link").filter(has_text="capital of Italy")
    row.hover()
    chats.get_by_role("button", name="capital of Italy").click()
    page.get_by_role("menuitem", name=sentence("history.rename")).click()
    page.get_by_role("textbox", name=sentence("history.renameTitle")).fill("Столицы — Ёлки")
    page.keyboard.press("Enter")
    renamed = chats.get_by_role("link").filter(has_text="Столицы — Ёлки")
    expect(renamed).to_be_visible()
    renamed.hover()
    chats.get_by_role("button", name="Столицы — Ёлки").click()
    page.get_by_role("menuitem", name=sentence("history.delete")).click()
    expect(renamed).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_never_scrolls_sideways(open_page: Callable[..., Page], width: int) -> None:
    page = open_page(viewport={"width": width, "height": 740})
    register(page)
    composer(page).fill("W" * 3000)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0


def test_english_is_one_choice_away(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    page.get_by_role("button", name=sentence("preferences.account")).click()
    page.get_by_text("English").click()
    expect(page.get_by_role("textbox", name=sentence("chat.composer", "en"))).to_be_visible()
