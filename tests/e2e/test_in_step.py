"""Two tabs, two devices, no network: all views agree, nothing is lost and nothing doubles."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sentence
from tests.e2e.steps import answers, ask, expect_answers, register, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
EMULATED = True

SLOW = "/emulator text=long;chars=1500;speed=100\n"
END = "1500"  # the emulator's long text ends with its length


def test_another_device_sees_a_chat_begin_grow_and_go(open_page: Callable[..., Page]) -> None:
    desktop = open_page()
    email = register(desktop)
    phone = open_page(viewport={"width": 1000, "height": 700})
    sign_in(phone, email)

    ask(desktop, SLOW + "Вместе")
    desktop.wait_for_url("**/c/*")
    phone.get_by_role("navigation").get_by_role("link").first.click()
    expect(answers(phone)).to_contain_text("harbour")
    expect_answers(desktop, 1)
    expect_answers(phone, 1)
    assert answers(phone).locator(".prose").inner_text() == answers(desktop).locator(".prose").inner_text()

    row = desktop.get_by_role("navigation").get_by_role("listitem").first
    row.hover()
    row.get_by_role("button").click()
    desktop.get_by_role("menuitem", name=sentence("history.delete")).click()
    expect(phone.get_by_text(sentence("chat.notFound"))).to_be_visible()


def test_a_second_tab_shares_the_one_connection(open_page: Callable[..., Page]) -> None:
    first = open_page()
    register(first)
    second = first.context.new_page()
    opened: list[str] = []
    second.on("request", lambda request: opened.append(request.url))
    second.goto("/")
    ask(first, "Привет из первой вкладки")
    expect_answers(first, 1)
    expect(second.get_by_role("navigation").get_by_text("Привет из первой вкладки")).to_be_visible()
    assert not [url for url in opened if "/api/events" in url]


def test_an_answer_goes_on_where_the_network_broke(open_page: Callable[..., Page]) -> None:
    page = open_page()
    register(page)
    ask(page, SLOW + "Самолёт")
    expect(answers(page)).to_contain_text("harbour")
    page.context.set_offline(True)
    expect(page.get_by_text(sentence("page.offline"))).to_be_visible()
    page.context.set_offline(False)
    expect_answers(page, 1)
    shown = answers(page).locator(".prose").inner_text()
    page.reload()
    expect_answers(page, 1)
    assert answers(page).locator(".prose").inner_text() == shown
