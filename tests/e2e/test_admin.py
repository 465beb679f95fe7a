"""The operator's pages in a real browser: what was earned, who paid, money given back, people blocked, prices changed."""

import json
import re
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import violations
from tests.e2e.conftest import sentence
from tests.e2e.shop import ADMIN, Shop, open_shop
from tests.e2e.steps import PASSWORD, composer, press, register, sign_in

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]
BUYER = "buyer@example.com"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as shop:
        yield shop


@pytest.fixture(scope="module")
def server(shop: Shop) -> str:
    return shop.url


def call(url: str, body: Any, token: str = "") -> Any:
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=20) as answer:
        return json.load(answer)["data"]


def somebody_buys(shop: Shop) -> None:
    """Another person, who has paid for a month."""
    token = call(f"{shop.url}/api/auth/register", {"email": BUYER, "password": PASSWORD})["token"]
    wish = {"plan": "premium", "saveMethod": True}
    opened = call(f"{shop.url}/api/subscription/checkout", wish, token)["confirmationUrl"]
    shop.lever("pay", {"payment_id": opened.rpartition("orderId=")[2]})
    shop.lever("settle", {})


def admin(key: str, **values: str) -> str:
    return sentence(f"admin.{key}", **values)


def go(page: Page, section: str) -> None:
    page.get_by_role("navigation", name=admin("nav.title")).get_by_role("link", name=admin(f"nav.{section}")).click()
    expect(page.get_by_role("heading", name=admin(f"nav.{section}"), level=1)).to_be_visible()


def test_an_operator_sees_the_money_and_acts(shop: Shop, open_page: Callable[..., Page]) -> None:
    somebody_buys(shop)
    page = open_page("/", reduced_motion="reduce")
    register(page)
    page.goto("/admin")  # nobody else's business
    expect(page.get_by_role("heading", name=sentence("page.notFoundTitle"))).to_be_visible()
    page = open_page("/", reduced_motion="reduce")
    sign_in(page, ADMIN)
    page.get_by_role("button", name=sentence("preferences.account")).click()
    page.get_by_role("menuitem", name=sentence("preferences.admin")).click()
    found: dict[str, list[str]] = {}

    def look(name: str, *themes: Literal["light", "dark"]) -> None:
        for theme in themes:
            page.emulate_media(color_scheme=theme)
            # Colours on their way from one theme to the other are nobody's.
            page.evaluate("() => Promise.allSettled(document.getAnimations().map((moving) => moving.finished))")
            if problems := violations(page):
                found[f"{name} {theme}"] = problems

    expect(page.get_by_text("990 ₽").first).to_be_visible()
    page.get_by_text(admin("chart.table")).first.click()
    look("overview", "light", "dark")
    go(page, "payments")
    page.get_by_role("searchbox").fill("buyer")
    expect(page).to_have_url(re.compile("q=buyer"))
    with page.expect_download() as saved:
        press(page, "admin.payments.export")
    assert BUYER in saved.value.path().read_text(encoding="utf-8")
    page.get_by_role("table").get_by_role("link").first.click()
    press(page, "admin.refund.title")
    page.get_by_label(admin("refund.amount")).fill("100,50")
    page.get_by_label(admin("refund.reason")).fill("Сервис не работал")
    look("a refund", "dark")
    page.get_by_role("button", name=admin("refund.give", amount="100,50 ₽")).click()
    expect(page.get_by_text(admin("action.refund.succeeded"))).to_be_visible()
    look("a payment", "light")
    page.get_by_role("link", name=BUYER).click()
    press(page, "admin.users.block")
    page.get_by_role("dialog").get_by_role("button", name=admin("users.block")).click()
    expect(page.get_by_text(admin("users.isBlocked"), exact=True)).to_be_visible()
    press(page, "admin.users.give")
    page.get_by_label(admin("refund.reason")).fill("За терпение")
    page.get_by_role("dialog").get_by_role("button", name=admin("users.give")).click()
    expect(page.get_by_text("За терпение")).to_be_visible()
    look("a person", "dark")
    go(page, "offers")
    page.get_by_label(admin("prices.month")).fill("1290")
    page.get_by_role("button", name=admin("prices.save")).first.click()
    expect(page.get_by_text(admin("prices.saved"))).to_be_visible()
    press(page, "admin.promo.add")
    page.get_by_role("textbox", name=admin("promo.code"), exact=True).fill("весна")
    page.get_by_role("textbox", name=admin("promo.percent")).fill("25")
    page.get_by_role("dialog").get_by_role("button", name=admin("promo.add")).click()
    expect(page.get_by_role("cell", name="ВЕСНА", exact=True)).to_be_visible()
    look("prices", "light")
    go(page, "mails")
    expect(page.get_by_text(BUYER).first).to_be_visible()
    go(page, "audit")
    expect(page.get_by_text(admin("action.user.blocked")).first).to_be_visible()
    look("audit log", "dark")
    go(page, "health")
    expect(page.get_by_text(admin("health.right"))).to_be_visible()
    look("health", "light")
    assert found == {}
    page.set_viewport_size({"width": 360, "height": 760})
    for section in ("dashboard", "payments", "users", "offers", "audit"):
        go(page, section)
        assert page.evaluate("document.querySelector('main').scrollWidth <= innerWidth"), section
    page.goto("/")
    expect(composer(page)).to_be_visible()
