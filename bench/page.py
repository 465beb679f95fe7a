"""The chat page in a real Chromium: how soon it is there, what a frame costs while an answer grows. Printed, never asserted."""

import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit
from uuid import UUID

from playwright.sync_api import Browser, Page, sync_playwright

from ai_chat.emulators.openrouter import DEFAULT_KEY, samples
from ai_chat.kernel.ids import new_id
from bench.product import Product
from bench.targets import Target
from bench.trace import traced
from tests.services.chromium import find_chromium

NAME = "page"
_MESSAGES = 2_000
_LAST = "The last question of all"
_ANSWERS = (samples.MARKDOWN, samples.CODE, samples.RUSSIAN, samples.TABLE, samples.LATEX)
_STREAM = "/emulator text=long;chars=8000;speed=300\nWrite on"
_IDLE = "() => !document.querySelector('article[aria-busy]') && !document.querySelector('.conversation[data-busy]')"


class Emulator(Target):
    """Models whose answers are Markdown, at any speed."""

    name = "emulator"

    def start(self, upstream: int = 0) -> None:
        self.run([sys.executable, "-m", "ai_chat.emulators.openrouter", "--port", str(self.port)], {})


def measure() -> None:
    """Prints all figures of the page."""
    emulator = Emulator()
    product = PageProduct(emulator)
    try:
        emulator.start()
        product.start(emulator.port)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(find_chromium()), args=["--no-sandbox"])
            _measure(browser, product)
            browser.close()
    finally:
        product.stop()
        emulator.stop()


class PageProduct(Product):
    """The product with the emulator's models."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__()
        self._emulator = emulator

    def services(self) -> dict[str, str]:
        address = f"http://127.0.0.1:{self._emulator.port}/api/v1"
        return {"OPENROUTER_BASE_URL": address, "OPENROUTER_API_KEY": DEFAULT_KEY}

    def fill(self, chat_id: str) -> None:
        """Puts a long conversation into the chat."""
        ids = [new_id().hex for _ in range(_MESSAGES)]
        rows = []
        for number, (own, before) in enumerate(zip(ids, [None, *ids[:-1]], strict=True)):
            said = f"Question {number // 2 + 1}" if number < _MESSAGES - 2 else _LAST
            role, content = ("assistant", _ANSWERS[number // 2 % 5]) if number % 2 else ("user", said)
            rows.append(
                (own, UUID(chat_id).hex, before, role, content, "complete", 0, 1000, "2026-01-01 00:00:00.000000")
            )
        with closing(sqlite3.connect(self.data / "ai_chat.sqlite3", timeout=30)) as connection, connection:
            connection.executemany(
                "INSERT INTO messages (id, chat_id, parent_id, role, content, status, tokens_used, size_tokens, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            connection.execute("UPDATE chats SET leaf_id = ? WHERE id = ?", (ids[-1], UUID(chat_id).hex))


def _measure(browser: Browser, product: PageProduct) -> None:
    address = f"http://127.0.0.1:{product.port}"
    with _signed_in(browser, address) as page:
        _line("page reloaded → composer", _loading(page))
        _line("send pressed → question and “thinking” shown", _feedback(page))
        short = urlsplit(page.url).path
        _stream(page, "a new chat")
        page.goto("/")
        _ask(page, "A long one")
        long = urlsplit(page.url).path
        product.fill(long.rsplit("/", 1)[1])
        _line(f"a chat of {_MESSAGES:,} messages opened → its end shown", _opening(page, long))
        _line("→ the other chat, visited before", _switching(page, short, "Say something"))
        _line("→ back to the long one", _switching(page, long, _LAST))
        _stream(page, f"{_MESSAGES:,} messages, opened at the end")
        with traced(page) as frames:
            took = _timed(lambda: _scroll_to_the_first(page))
        _line("scrolled to its first message", f"{took:,.0f} ms, {page.locator('*').count():,} elements")
        print(f"      {frames.count} frames; {frames.scripting} ms scripting, {frames.rendering} ms rendering")
        page.get_by_role("textbox").last.focus()
        _stream(page, f"{_MESSAGES:,} messages, all of them scrolled through")
        page.goto(long)
        page.get_by_text(_LAST).wait_for()
        _line("found by searching: jump to its 7th question", _jump(page, 7))
        _line("→ and to its 500th", _jump(page, 500))


@contextmanager
def _signed_in(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, locale="en-GB", bypass_csp=True)
    page = context.new_page()
    page.goto("/register")
    page.locator("input[type=email]").fill("bench@example.com")
    page.locator("input[type=password]").fill("correct horse battery")
    page.locator("button[type=submit]").click()
    page.locator("#composer").wait_for()
    yield page
    context.close()


def _loading(page: Page) -> str:
    def load() -> None:
        page.reload(wait_until="commit")
        page.locator("#composer").wait_for()

    return f"{min(_timed(load) for _ in range(3)):.0f} ms (best of 3, from the cache)"


def _feedback(page: Page) -> str:
    page.evaluate("""() => {
        const composer = document.getElementById('composer');
        composer.addEventListener('keydown', () => { window.pressed = performance.now(); });
        new MutationObserver(() => {
            if (window.shown || !document.querySelector('article')) return;
            window.shown = 1;
            requestAnimationFrame(() => requestAnimationFrame(() => { window.shown = performance.now(); }));
        }).observe(document.body, { childList: true, subtree: true });
    }""")
    _ask(page, "Say something")
    return f"{page.evaluate('window.shown - window.pressed'):.0f} ms"


def _opening(page: Page, path: str) -> str:
    def load() -> None:
        page.goto(path, wait_until="commit")
        page.get_by_text(_LAST).wait_for()

    return f"{_timed(load):.0f} ms with the page itself"


def _switching(page: Page, path: str, text: str) -> str:
    def go() -> None:
        page.locator(f"a[href='{path}']").first.click()
        page.locator("article").get_by_text(text).first.wait_for()

    return f"{_timed(go):.0f} ms"


def _stream(page: Page, where: str) -> None:
    """What a frame costs while 300 tokens a second arrive."""
    page.locator("#composer").fill(_STREAM)
    with traced(page) as frames:
        page.locator("#composer").press("Enter")
        _until_idle(page)
    _line(f"300 tokens/s, {where}", f"{frames.count} frames")
    print(f"      scripting {frames.scripting} ms, rendering {frames.rendering} ms  (p50 / p95 / most)", flush=True)


def _jump(page: Page, number: int) -> str:
    """From the choice in the palette until the message is seen."""
    found = page.get_by_role("option").filter(has_text=f"Question {number}")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill(f"Question {number} ")
    found.first.wait_for()
    found.first.hover()
    page.evaluate(
        """number => {
        window.jumped = new Promise((resolve) => addEventListener('keydown', (event) => {
            const began = event.timeStamp;
            const look = () => {
                const row = [...document.querySelectorAll('article')].find(
                    (one) => one.textContent.trim() === `Question ${number}`);
                const { top = -1 } = row?.getBoundingClientRect() ?? {};
                if (top < 0 || top > innerHeight) return requestAnimationFrame(look);
                requestAnimationFrame(() => resolve(performance.now() - began));
            };
            look();
        }, { once: true, capture: true }));
    }""",
        number,
    )
    page.keyboard.press("Enter")
    return f"{page.evaluate('window.jumped'):,.0f} ms, {page.locator('*').count():,} elements"


def _scroll_to_the_first(page: Page) -> None:
    first = page.locator("article", has_text="Question 1").filter(has=page.get_by_text("Question 1", exact=True))
    deadline = time.monotonic() + 90
    while first.count() == 0 and time.monotonic() < deadline:
        page.evaluate("document.querySelector('.conversation').scrollTop = 0")
        page.wait_for_timeout(30)


def _ask(page: Page, text: str) -> None:
    page.locator("#composer").fill(text)
    page.locator("#composer").press("Enter")
    _until_idle(page)


def _until_idle(page: Page) -> None:
    page.wait_for_timeout(500)
    page.wait_for_function(_IDLE, timeout=120_000)
    page.wait_for_timeout(300)


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _line(what: str, figure: str) -> None:
    print(f"  {what:<56}{figure}", flush=True)
