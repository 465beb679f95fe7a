"""A chat of many messages: it opens at its end, what came before follows, and nothing moves under the reader's eyes."""

import json
import re
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sentence
from tests.e2e.steps import PASSWORD, answers, ask, expect_answers, register

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
EMULATED = True

EXCHANGES = 30
"""More than the server gives at once, and fewer than a day's messages."""


def post(address: str, body: Any, token: str | None = None) -> bytes:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(address, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as response:
        return bytes(response.read())


def test_a_long_chat_opens_at_its_end_and_goes_back_to_its_beginning(
    open_page: Callable[..., Page], server: str
) -> None:
    page = open_page()
    email = register(page)
    token = json.loads(post(f"{server}/api/auth/login", {"email": email, "password": PASSWORD}))["data"]["token"]
    chat = json.loads(post(f"{server}/api/chat", {"model": "openai/gpt-3.5-turbo"}, token))["data"]["id"]
    for number in range(EXCHANGES):
        content = f"/emulator text=markdown;speed=0\nВопрос {number}" + (" про барсука" if number == 0 else "")
        post(f"{server}/api/chat/{chat}/message", {"content": content}, token)

    page.goto(f"/c/{chat}")
    expect(
        page.get_by_role("article").last.get_by_role("button", name=sentence("chat.copyMessage"))
    ).to_be_in_viewport()
    drawn = page.get_by_role("article").count()
    assert drawn < 2 * EXCHANGES

    # What is looked at stays where it is while older messages are put above it.
    conversation = page.get_by_label(sentence("chat.conversation"))
    seen = page.get_by_role("article", name=sentence("chat.you")).first
    expect(seen).to_contain_text("Вопрос")
    shown = re.sub(r"\D", "", (seen.text_content() or "").split("Вопрос")[1])
    question = page.get_by_role("article", name=sentence("chat.you")).filter(
        has_text=re.compile(rf"Вопрос {shown}$", re.MULTILINE)
    )
    page.evaluate("document.querySelector('.conversation').scrollTop = 0")
    expect(page.get_by_role("article").nth(drawn)).to_be_attached()
    expect(question).to_be_in_viewport()

    conversation.focus()
    while (drawn := page.get_by_role("article").count()) < 2 * EXCHANGES:
        page.keyboard.press("Home")
        expect(page.get_by_role("article").nth(drawn)).to_be_attached()
    page.keyboard.press("Home")
    first = page.get_by_role("article", name=sentence("chat.you")).first
    expect(first).to_contain_text("Вопрос 0")
    expect(first).to_be_in_viewport()

    # Sending goes to the end, and an answer that has ended stays the element it was.
    ask(page, "/emulator text=reasoning;speed=20\nИ последний")
    growing = answers(page).last
    expect(growing).to_have_attribute("aria-busy", "true")
    growing.evaluate("element => { element.dataset.mark = 'same'; }")
    expect_answers(page, EXCHANGES + 1)
    expect(answers(page).last).to_have_attribute("data-mark", "same")
    expect(answers(page).last).to_be_in_viewport()

    # How long it thought is known after a reload too.
    page.reload()
    expect(answers(page).last.get_by_text(re.compile("Рассуждение заняло"))).to_be_visible()

    # What is found far from the end is seen at once, without what lies between; one button leads back to the end.
    page.keyboard.press("Control+k")
    page.get_by_role("dialog").get_by_role("combobox").fill("барсук")
    page.get_by_role("option").filter(has=page.locator("mark")).first.click()
    expect(first).to_contain_text("Вопрос 0")
    expect(first).to_be_in_viewport()
    expect(first).to_be_focused()
    assert page.get_by_role("article").count() < EXCHANGES

    # Whoever comes back is where they were.
    expect(first).not_to_have_attribute("data-found", "")
    page.get_by_role("link", name=sentence("chat.newChat")).click()
    page.go_back()
    expect(first).to_be_in_viewport()
    page.get_by_role("button", name=sentence("chat.toEnd")).click()
    expect(answers(page).last.get_by_text(re.compile("Рассуждение заняло"))).to_be_in_viewport()
