"""Money in a real browser: every way to pay, every way not to, and what comes after. Product and provider share a clock."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from ai_chat.emulators.yookassa.cards import CARDS, LATER_DECLINED_CARD, SECURE_CARD
from tests.e2e.axe import violations
from tests.e2e.conftest import sentence
from tests.e2e.shop import (
    ADMIN,
    Person,
    Shop,
    expect_badge,
    expect_state,
    fill_card,
    newcomer,
    open_shop,
)
from tests.e2e.steps import composer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

DECLINED = {card.reason: number for number, card in CARDS.items() if card.reason}
Anybody = Callable[..., Person]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    with open_shop(tmp_path_factory.mktemp("shop")) as opened:
        yield opened


@pytest.fixture
def anybody(browser: Browser, shop: Shop) -> Iterator[Anybody]:
    """New people; whatever went wrong in the code of their pages fails the test."""
    people: list[Person] = []
    problems: list[str] = []

    def come(**options: object) -> Person:
        people.append(newcomer(browser, shop, problems, **options))
        return people[-1]

    yield come
    for person in people:
        person.context.close()
    assert problems == []


def button(page: Page, key: str, language: str = "ru", **values: object) -> None:
    page.get_by_role("button", name=sentence(key, language, **values)).last.click()


def subscription(person: Person) -> dict[str, str]:
    found: dict[str, str] = person.call("GET", "/api/subscription")
    return found


def test_a_locked_model_leads_to_premium_and_back_to_what_was_typed(anybody: Anybody) -> None:
    """With a second tab open beside it, which knows at once and without signing in again."""
    anna = anybody()
    page, other = anna.tab(), anna.tab()
    expect_badge(other, "Free")
    composer(page).fill("Почему Байкал такой прозрачный?")
    page.get_by_role("main").get_by_role("button", name="Модель").click()
    page.get_by_placeholder(sentence("models.search")).fill("GPT-4 Turbo")
    page.keyboard.press("Enter")
    page.get_by_role("dialog").get_by_role("button", name=sentence("paywall.open")).click()
    expect(page.get_by_text(sentence("paywall.forModel"))).to_be_visible()
    page.get_by_label(sentence("checkout.consent")).check()
    pay = page.get_by_role("button", name="Оплатить 990")
    pay.dblclick(no_wait_after=True)
    page.wait_for_url(f"{anna.shop.kassa}/**")
    expect(page.locator("#amount")).to_contain_text("990")
    fill_card(page)
    expect_state(page, "paid.done")
    expect_badge(page, "Premium")
    expect_badge(other, "Premium")
    button(page, "paid.toChat")
    expect(composer(page)).to_have_value("Почему Байкал такой прозрачный?")
    expect(page.get_by_role("main").get_by_role("button", name="GPT-4 Turbo")).to_be_visible()
    assert [order["status"] for order in anna.call("GET", "/api/orders")] == ["paid"]


def test_every_kind_of_declined_card_is_explained_and_nothing_is_charged(anybody: Anybody) -> None:
    anna = anybody()
    anna.shop.lever("habits", {"page_attempts": 1})
    page = anna.tab()
    assert len(DECLINED) == 12
    for reason, number in DECLINED.items():
        _, url = anna.order()
        page.goto(url)
        fill_card(page, number)
        if CARDS[number].secure:
            page.locator("#threeds-confirm").click()
        page.locator("#return").click()
        expect_state(page, "paid.failed")
        expect(page.get_by_role("main").get_by_text(sentence(f"reasons.{reason}"))).to_be_visible()
    button(page, "paid.again")
    expect(page.get_by_role("button", name="Оплатить 990")).to_be_visible()
    expect_badge(page, "Free")
    anna.shop.lever("habits", {"page_attempts": 3})


def test_every_way_to_pay_gives_premium(anybody: Anybody) -> None:
    anna = anybody()
    page, end = anna.tab(), ""
    for way in ("3ds", "sbp", "sberbank", "tinkoff_bank", "yoo_money"):
        _, url = anna.order()
        page.goto(url)
        if way == "3ds":
            fill_card(page, SECURE_CARD)
            page.locator("#threeds-confirm").click()
        else:
            page.locator(f"#method-{way} > summary").click()
            page.locator(f"#pay-{way}").click()
        expect_state(page, "paid.done")
        longer = subscription(anna)["currentPeriodEnd"]
        assert longer > end
        end = longer
    expect_badge(page, "Premium")


def test_whoever_has_no_messages_left_today_and_leaves_the_payment_page_can_go_on(anybody: Anybody) -> None:
    anna = anybody()
    page = anna.tab(f"/c/{anna.used_up()}")
    composer(page).fill("Пятьдесят первое")
    composer(page).press("Enter")
    used_up = sentence("errors.MESSAGE_LIMIT_REACHED_until", limit=50, used=50, when="")
    expect(page.get_by_text(re.compile(rf"{used_up.rstrip(' .')} \S.*\d\d:\d\d"))).to_be_visible()
    button(page, "upgrade.open")
    expect(page.get_by_text(sentence("paywall.forMessages", amount="1\u00a0000"))).to_be_visible()
    page.get_by_label(sentence("checkout.consent")).check()
    page.get_by_role("button", name="Оплатить 990").click(no_wait_after=True)
    page.wait_for_url(f"{anna.shop.kassa}/**")
    page.locator("#close").click()
    expect_state(page, "paid.waiting")
    page.goto("/plans")
    expect(page.get_by_text(sentence("plans.unfinished", price="990\u00a0₽"))).to_be_visible()
    button(page, "plans.continue")
    page.go_back()
    button(page, "plans.continue")
    fill_card(page)
    expect_state(page, "paid.done")
    button(page, "paid.toChat")
    expect(composer(page)).to_have_value("Пятьдесят первое")
    composer(page).press("Enter")
    expect(page.get_by_role("article", name=sentence("chat.you")).last).to_contain_text("Пятьдесят первое")
    expect(page.get_by_text(used_up.rstrip(" ."))).to_have_count(0)
    assert len(anna.call("GET", "/api/orders")) == 1


def test_paid_in_two_tabs_it_is_paid_once(anybody: Anybody) -> None:
    """The same order: the second tab cannot pay it. Another order: the money goes back by itself."""
    anna = anybody()
    first, url = anna.order()
    assert anna.order() == (first, url)
    one, two = anna.tab(), anna.tab()
    one.goto(url)
    two.goto(url)
    _, other_url = anna.order(period="year")
    three = anna.tab()
    three.goto(other_url)
    fill_card(three)
    expect_state(three, "paid.done")
    fill_card(one)
    expect_state(one, "paid.refunded")
    fill_card(two)
    expect(two.locator("#result")).to_be_visible()
    one.goto("/settings/billing")
    rows = one.locator("#payments")
    expect(rows.get_by_text(sentence("billing.statusPaid"), exact=True)).to_have_count(1)
    expect(rows.get_by_text(sentence("billing.statusRefunded"), exact=True)).to_have_count(1)


def test_it_renews_by_itself_and_stops_when_canceled(anybody: Anybody) -> None:
    anna = anybody().bought()
    page = anna.tab("/settings/billing")
    expect(page.get_by_text(sentence("billing.nextCharge"))).to_be_visible()
    anna.wait_until(subscription(anna)["nextChargeAt"], page)
    rows = page.locator("#payments")
    expect(rows.get_by_text(sentence("billing.renewal"))).to_be_visible()
    expect(rows.get_by_text(sentence("billing.statusPaid"), exact=True)).to_have_count(2)

    button(page, "billing.cancel")
    page.get_by_role("dialog").get_by_role("button", name=sentence("billing.cancel")).click()
    expect(page.get_by_role("button", name=sentence("billing.resume"))).to_be_visible()
    expect_badge(page, "Premium")
    button(page, "billing.resume")
    expect(page.get_by_text(sentence("billing.nextCharge"))).to_be_visible()
    button(page, "billing.cancel")
    page.get_by_role("dialog").get_by_role("button", name=sentence("billing.cancel")).click()
    expect(page.get_by_role("button", name=sentence("billing.resume"))).to_be_visible()
    anna.wait_until(subscription(anna)["currentPeriodEnd"], page)
    expect_badge(page, "Free")
    expect(rows.get_by_text(sentence("billing.statusPaid"), exact=True)).to_have_count(2)


def test_a_renewal_that_fails_is_told_and_saved_by_another_card(anybody: Anybody) -> None:
    anna = anybody().bought(card=LATER_DECLINED_CARD)
    page = anna.tab("/settings/billing")
    expect(page.get_by_text(sentence("billing.card", digits="0079")).first).to_be_visible()
    anna.wait_until(subscription(anna)["nextChargeAt"], page)
    notice = page.get_by_role("alert")
    expect(notice).to_contain_text(sentence("reasons.insufficient_funds"))
    expect_badge(page, "Premium")
    notice.get_by_role("button", name=sentence("billing.newCard")).click()
    fill_card(page)
    expect_state(page, "paid.cardDone")
    button(page, "paid.toBilling")
    expect(page.get_by_text(sentence("billing.card", digits="4444")).first).to_be_visible()
    expect(page.locator("#payments").get_by_text(sentence("billing.statusPaid"), exact=True)).to_have_count(3)
    expect(notice).to_have_count(0)
    assert not subscription(anna)["pastDue"]


def test_a_refund_by_the_administrator_ends_premium_at_once(anybody: Anybody, browser: Browser, shop: Shop) -> None:
    anna = anybody().bought()
    page = anna.tab("/settings/billing")
    expect_badge(page, "Premium")
    boss = Person(shop, browser.new_context(base_url=shop.url), ADMIN)
    payment = boss.call("GET", f"/api/admin/payments?q={anna.email}")[0]["id"]
    boss.call("POST", f"/api/admin/payments/{payment}/refund", {"reason": "Попросили"})
    boss.context.close()
    expect_badge(page, "Free")
    expect(page.locator("#payments").get_by_text(sentence("billing.statusRefunded"), exact=True)).to_be_visible()


def test_a_year_in_english_takes_off_what_the_month_has_left(anybody: Anybody) -> None:
    anna = anybody(locale="en-GB").bought()
    page = anna.tab("/settings/billing")
    button(page, "billing.toYear", "en")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(sentence("checkout.credit", "en"))).to_be_visible()
    dialog.get_by_role("button", name="Pay ").click()
    fill_card(page)
    expect_state(page, "paid.done", "en")
    button(page, "paid.toBilling", "en")
    expect(page.get_by_text(sentence("billing.oneYear", "en"), exact=True)).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everybody_can_use_the_pages_of_money(anybody: Anybody, theme: str) -> None:
    """And the visitors' pages; with a phone's width, where nothing may stand out at the side."""
    anna = anybody(color_scheme=theme, reduced_motion="reduce", viewport={"width": 360, "height": 740})
    page, found = anna.tab("/pricing"), {}

    def look(name: str) -> None:
        found[name] = violations(page)
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found[f"the width of {name}"] = [] if wide <= 0 else [f"{wide} px too wide"]

    look("pricing")
    anna.context.clear_cookies(name="signed_in")
    page.goto("/?lang=en")
    expect(page.get_by_role("link", name="Start for free").first).to_be_visible()
    look("landing")
    page.goto("/plans?for=messages")
    expect(page.get_by_text(sentence("checkout.total"))).to_be_visible()
    button(page, "checkout.promoAsk")
    page.get_by_label(sentence("checkout.promo")).fill("nothing")
    page.keyboard.press("Enter")
    expect(page.get_by_text(sentence("errors.PROMO_CODE_INVALID"))).to_be_visible()
    look("plans")
    order, url = anna.order(saveMethod=True)
    page.goto(f"/checkout/return?order={order}")
    expect_state(page, "paid.waiting")
    look("the return")
    anna.shop.lever("pay", {"payment_id": url.rpartition("=")[2], "card": LATER_DECLINED_CARD, "save": True})
    expect_state(page, "paid.done")
    page.goto("/settings/billing")
    expect(page.get_by_text(sentence("billing.nextCharge"))).to_be_visible()
    button(page, "billing.toYear")
    expect(page.get_by_role("dialog").get_by_text(sentence("checkout.credit"))).to_be_visible()
    look("the year")
    page.keyboard.press("Escape")
    anna.wait_until(subscription(anna)["nextChargeAt"], page)
    expect(page.get_by_role("alert")).to_be_visible()
    look("the subscription")
    assert {name: rules for name, rules in found.items() if rules} == {}
