"""axe-core over the main pages, in both themes: no violation of WCAG 2.2 AA."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import sentence
from tests.e2e.steps import ask, expect_answers, register

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
EMULATED = True

RICH = """/emulator text=echo;speed=0
# Заголовок

Текст с $x^2$, `кодом` и [ссылкой](https://example.com).

```python
print("Привет")  # comment
```

| а | б |
|---|---|
| 1 | 2 |
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_the_main_pages(open_page: Callable[..., Page], theme: str) -> None:
    page = open_page("/login", color_scheme=theme, reduced_motion="reduce")
    expect(page.get_by_role("heading", name=sentence("auth.loginTitle"))).to_be_visible()
    found = {"login": violations(page)}
    page.get_by_role("link", name=sentence("recover.title")).click()
    expect(page.get_by_text(sentence("recover.askOperator"))).to_be_visible()  # no mail server is set here
    found["a forgotten password"] = violations(page)
    register(page)
    found["a new chat"] = violations(page)
    ask(page, RICH)
    expect_answers(page, 1)
    expect(page.locator(".katex").first).to_be_visible()
    found["a chat"] = violations(page)
    page.get_by_role("button", name="GPT-3.5 Turbo").click()
    expect(page.get_by_role("option").first).to_be_visible()
    found["the models"] = violations(page)
    page.keyboard.press("Escape")
    page.goto("/settings")
    expect(page.get_by_role("heading", name=sentence("keys.title"))).to_be_visible()
    found["settings"] = violations(page)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name=sentence("shortcuts.title"))).to_be_visible()
    found["shortcuts"] = violations(page)
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option").first).to_be_visible()
    found["the palette"] = violations(page)
    page.keyboard.press("Escape")
    row = page.get_by_role("navigation").get_by_role("listitem").first
    row.hover()
    row.get_by_role("button").click()
    page.get_by_role("menuitem", name=sentence("history.move")).click()
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_visible()
    found["the folders"] = violations(page)
    page.goto("/archive")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    found["the archive"] = violations(page)
    assert {name: rules for name, rules in found.items() if rules} == {}


def test_without_javascript_pages_are_dark_where_the_system_is_and_the_app_says_what_it_needs(
    open_page: Callable[..., Page],
) -> None:
    page = open_page("/pricing", color_scheme="dark", java_script_enabled=False)
    background = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(background) == "rgb(25, 26, 24)"
    page.goto("/login")
    expect(page.locator(".no-script").first).to_be_in_viewport()
    assert page.evaluate(background) == "rgb(25, 26, 24)"
