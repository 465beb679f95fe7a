"""Stopping, going on, asking again and in other words, comparing: every answer stays, none doubles."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sentence
from tests.e2e.steps import answers, ask, composer, expect_answers, press, register

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
EMULATED = True

SLOW = "/emulator text=long;chars=6000;speed=40\n"


def test_answers_and_questions_have_versions(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    ask(page, "Первый вопрос")
    expect_answers(page, 1)

    press(page, "chat.regenerate")
    page.get_by_role("menuitem", name=sentence("chat.regenerateSame")).click()
    expect(page.get_by_text("2/2")).to_be_visible()
    press(page, "branches.previous")
    expect(page.get_by_text("1/2")).to_be_visible()
    expect(page.get_by_role("button", name=sentence("branches.next"))).to_be_focused()

    composer(page).press("ArrowUp")
    page.get_by_role("textbox", name=sentence("chat.editQuestion")).press("Escape")
    expect(page.get_by_role("button", name=sentence("chat.editQuestion"))).to_be_focused()
    composer(page).press("ArrowUp")
    field = page.get_by_role("textbox", name=sentence("chat.editQuestion"))
    field.fill("Второй вопрос")
    field.press("Control+Enter")
    expect(answers(page)).to_contain_text("Второй вопрос")
    press(page, "branches.previous")
    expect(answers(page)).to_contain_text("Первый вопрос")

    page.reload()
    expect(answers(page)).to_contain_text("Первый вопрос")
    expect(page.get_by_text("1/2")).to_be_visible()
    expect(page.get_by_text("2/2")).to_be_visible()


def test_a_stopped_answer_is_gone_on_with_as_one_text(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    ask(page, SLOW)
    expect(answers(page)).to_contain_text("harbour")
    page.keyboard.press("Escape")
    expect(answers(page).get_by_text(sentence("chat.stopped"))).to_be_visible()
    press(page, "chat.goOn")
    expect(page.get_by_role("button", name=sentence("chat.stop"))).to_be_visible()
    expect(answers(page)).to_have_count(1)


def test_two_models_answer_side_by_side_and_one_is_gone_on_with(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    page.get_by_role("button", name="GPT-3.5 Turbo").click()
    press(page, "compare.start")
    page.get_by_role("option").filter(has_text="Llama 3.1 8B").first.click()
    page.get_by_placeholder(sentence("models.search")).press("Escape")
    ask(page, "Кто ты?")
    expect(page.get_by_role("button", name=sentence("compare.choose"))).to_be_visible()
    conversation = page.get_by_role("region", name=sentence("chat.conversation"))
    assert conversation.evaluate("area => area.scrollWidth <= area.clientWidth"), "the answers stand within the page"
    press(page, "compare.choose")
    expect(page.get_by_text("2/2")).to_be_visible()
    expect(answers(page)).to_contain_text("Llama")
    expect(page.get_by_role("button", name="Llama 3.1 8B")).to_be_visible()


def test_a_send_that_failed_is_repeated_without_a_double(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    ask(page, "Начало")
    expect_answers(page, 1)
    page.context.set_offline(True)
    ask(page, "Без сети")
    expect(page.get_by_text(sentence("errors.NETWORK"))).to_be_visible()
    page.context.set_offline(False)
    press(page, "common.retry")
    expect_answers(page, 2)
    expect(page.get_by_role("article", name=sentence("chat.you"))).to_have_count(2)


def test_a_draft_survives_a_reload(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    composer(page).fill("Недописанное")
    page.reload()
    expect(composer(page)).to_have_value("Недописанное")
