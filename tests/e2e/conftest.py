"""The product as `make run` serves it, in a process of its own with the real embedded model, and a real Chromium.

Modules with `EMULATED = True` have the OpenRouter emulator instead of the embedded model: quick, and made to order.
"""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from ai_chat.emulators.openrouter import DEFAULT_KEY

expect.set_options(timeout=20_000)

ROOT = Path(__file__).parent.parent.parent


def _sentences(language: str) -> dict[str, Any]:
    """All texts of a language, those that only some pages load included."""
    texts: dict[str, Any] = {}
    for path in sorted((ROOT / "web/src/i18n").rglob(f"{language}.json")):
        for group, sentences in json.loads(path.read_text()).items():
            texts[group] = texts.get(group, {}) | sentences
    return texts


SENTENCES = {language: _sentences(language) for language in ("ru", "en")}


def sentence(key: str, language: str = "ru", **values: object) -> str:
    """A text of the web app, so that tests and translations have one home."""
    found: Any = SENTENCES[language]
    for part in key.split("."):
        found = found[part]
    return re.sub(r"\{\{(\w+)\}\}", lambda name: str(values[name[1]]), str(found))


@pytest.fixture(scope="module")
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a freshly started product. A module with EMULATED = True has the OpenRouter emulator for its models."""
    folder = tmp_path_factory.mktemp("server")
    with ExitStack() as started:
        more = {}
        if getattr(request.module, "EMULATED", False):
            emulator = started.enter_context(running(folder, "ai_chat.emulators.openrouter", ready="/api/v1/models"))
            more = {
                "OPENROUTER_BASE_URL": f"{emulator}/api/v1",
                "OPENROUTER_API_KEY": DEFAULT_KEY,
                "LOCAL_MODEL": "off",
                "AUTH_THROTTLE": "off",
            }
        yield started.enter_context(running(folder, "ai_chat", "serve", ready="/health", more=more))


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(
    folder: Path, module: str, *arguments: str, ready: str, more: Mapping[str, str] | None = None
) -> Iterator[str]:
    """A server in a process of its own, until the block ends."""
    port = free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("OPENROUTER", "DATABASE", "REDIS"))
    }
    environment |= {"DATA_DIR": str(folder / "data"), "HOST": "127.0.0.1", "APP_ENV": "development", **(more or {})}
    command = [sys.executable, "-m", module, *arguments, "--port", str(port)]
    log_file = folder / f"{module}.log"
    with log_file.open("w") as log:
        process = subprocess.Popen(command, env=environment | {"PORT": str(port)}, cwd=folder, stderr=log)
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address + ready, process)
            yield address
        finally:
            process.terminate()
            assert process.wait(30) == 0, log_file.read_text()


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended by itself"
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the server did not become healthy")


@pytest.fixture(scope="session")
def browser(chromium_path: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(chromium_path), args=["--no-sandbox", "--disable-quic", "--no-first-run"]
        )
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, server: str) -> Iterator[Callable[..., Page]]:
    """Opens a page as a person with nothing stored; any error in the page's own code fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_it(path: str = "/", **options: Any) -> Page:
        context = browser.new_context(base_url=server, locale="ru-RU", **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on(
            "console",
            lambda message: problems.append(message.text) if "Content Security Policy" in message.text else None,
        )
        page.goto(path)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert problems == []
