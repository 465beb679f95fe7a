"""Hostile text in every place that shows what somebody wrote: none of it may run, and the page's policy is never even asked."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import FilePayload, Page, Route, expect

from tests.e2e.conftest import sentence
from tests.e2e.payloads import PAYLOADS
from tests.e2e.steps import answers, ask, expect_answers, press, register

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
EMULATED = True


def arm(page: Page) -> None:
    """From here on `fired()` leaves a trace, and so does every dialog."""
    page.add_init_script("window.traces = []; window.fired = () => window.traces.push('fired')")
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))


def expect_silence(page: Page) -> None:
    for link in page.locator(".prose a").all():
        assert (link.get_attribute("href") or "").startswith(("http:", "https:", "mailto:", "tel:"))
    assert page.evaluate("window.traces") == []
    # None of our own forms goes anywhere by itself.
    assert page.locator("main script, main iframe, main object, main embed, main form[action]").count() == 0


def test_messages_and_answers_stay_text(open_page: Callable[..., Page]) -> None:
    assert len(PAYLOADS) >= 60
    page = open_page()
    arm(page)
    register(page)
    for count, at in enumerate(range(0, len(PAYLOADS), 24), start=1):
        ask(page, "/emulator text=echo;speed=0\n" + "\n\n".join(PAYLOADS[at : at + 24]))
        expect_answers(page, count)
    expect_silence(page)
    page.reload()
    expect(answers(page)).to_have_count(3)
    expect_silence(page)


def test_names_and_titles_stay_text(open_page: Callable[..., Page]) -> None:
    """What the server sends has a payload for every name, title, model and provider."""
    page = open_page()
    arm(page)
    register(page, name=PAYLOADS[1])

    def with_payloads(route: Route) -> None:
        answer = route.fetch()
        body: dict[str, Any] = answer.json()
        rows = body["data"] if isinstance(body["data"], list) else [body["data"]]
        for at, row in enumerate(rows):
            for name in ("name", "provider", "title", "note", "fullName", "email", "unavailableReason"):
                if name in row:
                    row[name] = PAYLOADS[at % len(PAYLOADS)]
        if "/api/chat" in route.request.url and rows:
            rows[:] = [
                {**rows[0], "id": f"{at:08}-0000-7000-8000-000000000000", "title": text}
                for at, text in enumerate(PAYLOADS)
            ]
            body["data"] = rows
        route.fulfill(response=answer, body=json.dumps(body))

    ask(page, "Привет")
    expect_answers(page, 1)
    page.route("**/api/models", with_payloads)
    page.route("**/api/auth/me", with_payloads)
    page.route(re.compile(r"/api/chat(\?.*)?$"), with_payloads)
    page.reload()
    chats = page.get_by_role("navigation").get_by_role("listitem")
    expect(chats.first).to_be_visible()
    chats.last.hover()  # rows far below are not drawn before; and the list may just be drawn anew
    expect(chats).to_have_count(len(PAYLOADS))
    page.get_by_role("main").get_by_role("button", name="Модель").last.click()
    expect(page.get_by_role("option").first).to_be_visible()
    expect_silence(page)


def test_files_imports_and_shared_chats_stay_text(open_page: Callable[..., Page]) -> None:
    """A conversation for each payload, which is its title and is said in it by both; one of them shared, with hostile files."""
    page = open_page()
    arm(page)
    register(page)
    page.goto("/settings")
    everything = "\n\n".join(PAYLOADS)
    said = [
        {"id": "q", "role": "user", "content": everything},
        {"id": "a", "parentId": "q", "role": "assistant", "content": everything},
    ]
    brought = [
        {
            "format": "ai-chat",
            "id": payload,
            "title": payload,
            "model": payload,
            "messages": said if payload == PAYLOADS[-1] else said[:1],
        }
        for at, payload in enumerate(PAYLOADS)
    ]
    export = FilePayload(name=f"{PAYLOADS[1]}.json", mimeType="application/json", buffer=json.dumps(brought).encode())
    page.get_by_label(sentence("data.import")).set_input_files(export)
    expect(page.get_by_text(f"{len(PAYLOADS)} чат")).to_be_visible()
    expect_silence(page)
    page.get_by_role("navigation").get_by_role("link", name=PAYLOADS[-1], exact=True).first.click()
    expect(answers(page)).to_have_count(1)
    expect_silence(page)
    names = [name for name in PAYLOADS if "/" not in name and "\\" not in name][:5]
    text = "\n\n".join(PAYLOADS[:20]).encode()
    files = [FilePayload(name=f"{name}.md", mimeType="text/plain", buffer=text) for name in names]
    page.locator("input[type=file][multiple]").set_input_files(files)
    tray = page.get_by_role("list", name=sentence("files.pending")).get_by_role("listitem")
    expect(tray).to_have_count(len(names))
    expect_silence(page)
    expect(page.get_by_role("button", name=sentence("chat.send"))).to_be_enabled()  # all of them have arrived
    ask(page, "/emulator text=hostile;speed=0")
    expect_answers(page, 2)
    expect_silence(page)
    press(page, "chat.menu")
    page.get_by_role("menuitem", name=sentence("chat.share")).click()
    press(page, "sharing.create")
    address = page.get_by_role("link", name=sentence("sharing.open")).get_attribute("href") or ""
    page.goto("/share/" + address.partition("/share/")[2])
    expect(page.get_by_role("article")).to_have_count(4)
    expect_silence(page)
