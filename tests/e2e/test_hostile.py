"""Hostile text in every place that shows what somebody wrote: none of it may run, and the page's policy is never even asked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.payloads import PAYLOADS
from tests.e2e.steps import answers, ask, expect_answers, register

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
    assert (
        page.locator("main script, main iframe, main object, main embed, main form:not(:has(#composer))").count() == 0
    )


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
    page.route("**/api/chat", with_payloads)
    page.reload()
    chats = page.get_by_role("navigation").get_by_role("listitem")
    expect(chats).to_have_count(len(PAYLOADS))
    page.get_by_role("main").get_by_role("button", name="Модель").last.click()
    expect(page.get_by_role("option").first).to_be_visible()
    expect_silence(page)
