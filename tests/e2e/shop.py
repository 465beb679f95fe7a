"""The product with both emulators on one clock, and what a person does in it with money."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from playwright.sync_api import APIResponse, Browser, BrowserContext, Page, expect

from tests.e2e.conftest import ROOT, free_port, running, sentence
from tests.e2e.steps import PASSWORD

GOOD_CARD = "5555555555554444"
ADMIN = "boss@example.com"
FREE_MODELS = ["openai/gpt-3.5-turbo", "google/gemini-flash-1.5", "meta-llama/llama-3.1-8b-instruct"]


@dataclass
class Shop:
    """Where it is, and the emulated provider's levers."""

    url: str
    kassa: str

    def lever(self, name: str, body: Any) -> Any:
        request = urllib.request.Request(
            f"{self.kassa}/_emulator/{name}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def travel_to(self, moment: str) -> None:
        """Product and provider go to this moment and a little past it."""
        self.lever("clock", {"set": moment})
        self.lever("clock", {"seconds": 60})


@contextmanager
def open_shop(folder: Path) -> Iterator[Shop]:
    """`make demo` with an administrator."""
    data = {"DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT), "AUTH_THROTTLE": "off"}
    for command in (("create", ADMIN, "--password", PASSWORD), ("role", ADMIN, "admin")):
        subprocess.run(
            [sys.executable, "-m", "ai_chat", "user", *command],
            env={"PATH": "/usr/bin:/bin", "DATA_DIR": str(folder / "data" / "demo"), "PYTHONPATH": str(ROOT / "src")},
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
    models, payments = free_port(), free_port()
    ports = "--models-port", str(models), "--payments-port", str(payments)
    with running(folder, "scripts.demo", *ports, ready="/health", more=data) as url:
        # The address that the product believes to be its own: people come back to it from paying.
        yield Shop(url.replace("127.0.0.1", "localhost"), f"http://127.0.0.1:{payments}")


class Person:
    """Somebody signed in, with as many tabs as they like."""

    def __init__(self, shop: Shop, context: BrowserContext, email: str) -> None:
        self.shop = shop
        self.context = context
        self.email = email
        self._token = ""
        self._sign_in()

    def _sign_in(self) -> None:
        answer = self.context.request.post("/api/auth/login", data={"email": self.email, "password": PASSWORD})
        assert answer.ok, answer.text()
        self._token = str(answer.json()["data"]["token"])

    def tab(self, path: str = "/") -> Page:
        page = self.context.new_page()
        page.goto(path)
        return page

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """The API, as this person, who signs in again when time has passed."""
        for _ in range(2):
            headers = {"Authorization": f"Bearer {self._token}"}
            answer = self.context.request.fetch(path, method=method, headers=headers, data=body)
            if answer.status != 401:
                break
            self._sign_in()
        assert answer.ok, answer.text()
        return answer.json()["data"]

    def wait_until(self, moment: str, page: Page) -> None:
        """Time passes. They look in on the way: a session lasts a month without its owner."""
        now = datetime.fromisoformat(self.shop.lever("clock", {})["now"])
        self.shop.travel_to((now + (datetime.fromisoformat(moment) - now) / 2).isoformat())
        page.reload()
        expect(page.get_by_role("main")).to_be_visible()
        self.shop.travel_to(moment)

    def used_up(self) -> str:
        """A chat in which all of today's free messages were sent."""
        chat = str(self.call("POST", "/api/chat", {"title": "Обо всём", "model": FREE_MODELS[0]})["id"])
        for models in [FREE_MODELS] * 16 + [FREE_MODELS[:2]]:
            body = {"content": "/emulator text=echo;speed=0;ttft_ms=0\nДа?", "models": models}
            while not (answer := self._send(chat, body)).ok:
                assert answer.status == 409, answer.text()  # of several answers the one that is read has ended
        return chat

    def _send(self, chat: str, body: Any) -> APIResponse:
        headers = {"Authorization": f"Bearer {self._token}"}
        return self.context.request.post(f"/api/chat/{chat}/message", headers=headers, data=body)

    def order(self, **wish: Any) -> tuple[str, str]:
        """An order, and where to pay it."""
        opened = self.call("POST", "/api/subscription/checkout", {"plan": "premium", **wish})
        return opened["orderId"], opened["confirmationUrl"]

    def bought(self, card: str = GOOD_CARD) -> "Person":
        """On Premium already, renewing by itself."""
        order, url = self.order(saveMethod=True)
        self.shop.lever("pay", {"payment_id": url.rpartition("=")[2], "card": card, "save": True})
        page = self.tab(f"/checkout/return?order={order}")
        done = page.get_by_role("heading", name=sentence("paid.done"))
        expect(done.or_(page.get_by_role("heading", name=sentence("paid.done", "en")))).to_be_visible()
        page.close()
        return self


def newcomer(browser: Browser, shop: Shop, problems: list[str], **options: Any) -> Person:
    """A new account in a browser of its own; errors of its pages are noted in `problems`."""
    context = browser.new_context(base_url=shop.url, **({"locale": "ru-RU"} | options))
    context.set_default_timeout(20_000)

    def watch(page: Page) -> None:
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if "Security Policy" in said.text else None)

    context.on("page", watch)
    email = f"anna-{uuid4().hex[:12]}@example.com"
    body = {"email": email, "password": PASSWORD, "fullName": "Анна"}
    assert context.request.post("/api/auth/register", data=body).ok
    return Person(shop, context, email)


def fill_card(page: Page, number: str = GOOD_CARD) -> None:
    """The payment page's form, sent."""
    page.locator("#card-number").fill(number)
    page.locator("#card-expiry").fill("12/40")
    page.locator("#card-csc").fill("123")
    page.locator("#pay").click()


def expect_state(page: Page, key: str, language: str = "ru") -> None:
    """The return page says so."""
    expect(page.get_by_role("heading", name=sentence(key, language))).to_be_visible()


def expect_badge(page: Page, plan: str) -> None:
    """What the account's button in the sidebar says."""
    expect(page.get_by_role("button", name=sentence("preferences.account")).get_by_text(plan)).to_be_visible()
