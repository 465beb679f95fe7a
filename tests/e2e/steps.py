"""What a person does, in a line each."""

from uuid import uuid4

from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import sentence

PASSWORD = "correct horse battery"


def register(page: Page, name: str = "Анна Каренина") -> str:
    email = f"anna-{uuid4().hex[:12]}@example.com"
    page.goto("/register")
    page.get_by_label(sentence("auth.fullName")).fill(name)
    page.get_by_label(sentence("auth.email")).fill(email)
    page.get_by_label(sentence("auth.password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=sentence("auth.register")).click()
    expect(composer(page)).to_be_visible()
    return email


def sign_in(page: Page, email: str) -> None:
    page.goto("/login")
    page.get_by_label(sentence("auth.email")).fill(email)
    page.get_by_label(sentence("auth.password"), exact=True).fill(PASSWORD)
    page.get_by_role("button", name=sentence("auth.login")).click()
    expect(composer(page)).to_be_visible()


def composer(page: Page) -> Locator:
    return page.get_by_role("textbox", name=sentence("chat.composer"))


def ask(page: Page, question: str) -> None:
    composer(page).fill(question)
    composer(page).press("Enter")


def answers(page: Page) -> Locator:
    return page.get_by_role("article", name=sentence("chat.assistant"))


def expect_answers(page: Page, count: int) -> None:
    """So many finished answers. Generous: the model writes until it has nothing more to say, on a busy machine too."""
    finished = page.get_by_role("button", name=sentence("chat.copyMessage"))
    expect(finished).to_have_count(count, timeout=110_000)


def press(page: Page, key: str, **values: str) -> None:
    """A click on the button of that text."""
    page.get_by_role("button", name=sentence(key, **values), exact=True).last.click()
