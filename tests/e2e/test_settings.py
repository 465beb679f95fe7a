"""Settings: what is changed on one device is so on another."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import sentence
from tests.e2e.steps import PASSWORD, composer, press, register, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]
EMULATED = True

INSTRUCTIONS = "Отвечай одним предложением. 🌿"


def test_what_is_set_on_one_device_is_so_on_another(open_page: Callable[..., Page]) -> None:
    laptop = open_page()
    email = register(laptop)
    phone = open_page("/login", viewport={"width": 360, "height": 740}, color_scheme="light")
    sign_in(phone, email)
    expect(phone.locator("html")).to_have_attribute("data-theme", "light")

    laptop.goto("/settings")
    laptop.get_by_role("textbox", name=sentence("instructions.title")).fill(INSTRUCTIONS)
    press(laptop, "common.save")
    laptop.get_by_role("radio", name=sentence("preferences.dark")).check()
    laptop.get_by_role("button", name=sentence("profile.changeName")).click()
    laptop.get_by_role("textbox", name=sentence("profile.name"), exact=True).fill("Лев Толстой")
    press(laptop, "common.save")
    expect(laptop.get_by_role("dialog")).to_have_count(0)
    expect(laptop.get_by_text("Лев Толстой").first).to_be_visible()

    # The open phone follows by itself.
    expect(phone.locator("html")).to_have_attribute("data-theme", "dark")
    phone.goto("/settings")
    expect(phone.get_by_role("textbox", name=sentence("instructions.title"))).to_have_value(INSTRUCTIONS)
    expect(phone.get_by_text("Лев Толстой").first).to_be_visible()

    # A new password: the wrong one is refused at its field, the right one signs the phone out and keeps the laptop.
    laptop.get_by_role("button", name=sentence("profile.changePassword")).click()
    laptop.get_by_label(sentence("profile.newPassword"), exact=True).fill("a brand new password")
    laptop.get_by_label(sentence("profile.currentPassword"), exact=True).fill("wrong")
    press(laptop, "common.save")
    expect(laptop.get_by_text(sentence("errors.WRONG_PASSWORD"))).to_be_visible()
    laptop.get_by_label(sentence("profile.currentPassword"), exact=True).fill(PASSWORD)
    press(laptop, "common.save")
    expect(laptop.get_by_role("dialog")).to_have_count(0)
    expect(phone.get_by_role("heading", name=sentence("auth.loginTitle"))).to_be_visible()
    laptop.reload()
    laptop.goto("/")
    expect(composer(laptop)).to_be_visible()
