"""Finding, filing, putting away and taking back: with two tabs, and down a long list."""

import json
from collections.abc import Callable
from contextlib import suppress

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import ROOT, sentence
from tests.e2e.steps import answers, ask, composer, expect_answers, register

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
EMULATED = True


TEXTS = json.loads((ROOT / "web/src/i18n/finding/ru.json").read_text(encoding="utf-8"))


def finding(key: str) -> str:
    part, name = key.split(".")
    return str(TEXTS[part][name])


def rows(page: Page) -> Locator:
    return page.get_by_role("navigation").locator("a[data-row]")


def row(page: Page, chat: str, within: str | None = None) -> Locator:
    """The chat in the list, or in the named part of it. By its id: a model may be naming it just now."""
    place = page.get_by_role("navigation") if within is None else page.get_by_role("list", name=within)
    return place.locator(f'a[data-row="{chat}"]')


def act(of: Locator, key: str) -> None:
    """A choice in the menu of that chat."""
    of.hover()
    of.locator("xpath=..").get_by_role("button").click()
    of.page.get_by_role("menuitem", name=sentence(key), exact=True).click()


def search(page: Page, query: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name=finding("palette.title")).fill(query)


def hits(page: Page) -> Locator:
    return page.get_by_role("option").filter(has=page.locator("mark"))


def test_a_word_in_another_form_is_found_and_its_message_shown_on_another_branch(
    open_page: Callable[..., Page],
) -> None:
    page = open_page()
    register(page)
    ask(page, "Приветы ёжикам из леса")
    expect_answers(page, 1)
    # The message is edited: what it said is on a branch that is not shown any more.
    composer(page).press("ArrowUp")
    field = page.get_by_role("textbox", name=sentence("chat.editQuestion"))
    field.fill("Что едят кроты?")
    field.press("Control+Enter")
    expect(answers(page)).to_contain_text("Что едят кроты?")
    expect_answers(page, 1)
    page.keyboard.press("Control+Shift+O")
    for _ in range(20):  # it is found a moment after it was written
        search(page, "привет ёжик")
        with suppress(AssertionError):
            expect(hits(page).first).to_be_visible(timeout=2_000)
            break
        page.keyboard.press("Escape")
    mine = hits(page).last
    expect(mine.locator("mark").first).to_have_text("Приветы")
    mine.click()
    expect(page.locator("[data-message]:focus")).to_contain_text("Приветы ёжикам из леса")
    expect(page.locator("[data-message]").filter(has_text="Что едят кроты?")).to_have_count(0)
    # Actions stand beside what is found, and the keyboard reaches them.
    search(page, "тёмн")
    page.keyboard.press("Enter")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_two_tabs_see_chats_pinned_filed_renamed_archived_deleted_and_back(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    for title in ("Один", "Два", "Три"):
        page.goto("/")
        ask(page, title)
        expect_answers(page, 1)
    other = page.context.new_page()
    other.goto("/")
    expect(rows(other)).to_have_count(3)
    first, second, third = (rows(page).nth(at).get_attribute("data-row") or "" for at in range(3))

    act(row(page, third), "history.pin")
    expect(row(other, third, sentence("history.pinned"))).to_be_visible()

    act(row(page, second), "history.move")
    page.get_by_label(finding("folders.new")).fill("Работа")
    page.get_by_role("button", name=finding("folders.create")).click()
    expect(row(other, second, "Работа")).to_be_visible()
    expect(row(page, second, "Работа")).to_be_visible()

    row(page, first).focus()
    page.keyboard.press("F2")
    page.keyboard.type("Новое имя")
    page.keyboard.press("Enter")
    expect(row(page, first)).to_be_focused()
    expect(row(other, first)).to_have_text("Новое имя")

    row(page, first).drag_to(page.get_by_role("button", name="Работа", exact=True))
    expect(row(other, first, "Работа")).to_be_visible()

    act(row(page, third), "history.archive")
    expect(row(other, third)).to_have_count(0)
    other.goto("/archive")
    act(row(other, third, finding("archive.title")), "history.unarchive")
    expect(row(page, third)).to_be_visible()

    row(page, first).focus()
    page.keyboard.press("Delete")
    expect(row(other, first)).to_have_count(0)
    page.get_by_role("button", name=sentence("common.undo")).last.click()
    expect(row(page, first)).to_be_visible()
    expect(row(other, first)).to_be_visible()
