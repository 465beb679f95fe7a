"""Letters: sent once each over real SMTP, tried again while the mail server is away, and always there for the operator to read."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from ai_chat.emulators.openrouter import Emulator
from ai_chat.features.billing.models import Payment
from ai_chat.features.mail.models import Mail
from tests.billing.market import Market, administrator, open_market, sign_in
from tests.services.mailserver import MailServer

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
async def mailserver() -> AsyncIterator[MailServer]:
    server = MailServer()
    await server.start()
    yield server
    await server.stop()


@pytest.fixture
async def market(
    tmp_path: Path, database_url: str | None, emulator: Emulator, mailserver: MailServer
) -> AsyncIterator[Market]:
    async with open_market(tmp_path / "data", emulator, database_url, **posting(mailserver)) as market:
        yield market


def posting(mailserver: MailServer) -> dict[str, Any]:
    return {
        "smtp_url": SecretStr(f"smtp://robot:s%3Acret@127.0.0.1:{mailserver.port}"),
        "mail_from": "Чат <robot@chat.example.com>",
    }


async def letters(market: Market) -> list[Mail]:
    return await market.rows(Mail)


async def test_a_letter_arrives_in_the_person_s_language_with_our_name_on_it(
    market: Market, mailserver: MailServer
) -> None:
    user = await market.product.user(email="ann@пример.рф")
    answer = await user.post(
        "/api/subscription/checkout", {"plan": "premium"}, headers={"Accept-Language": "en-GB,en;q=0.8"}
    )
    market.shop.admin.pay(await market.payment_of(answer.data["orderId"]))
    await market.notified()
    (letter,) = mailserver.letters
    (stored,) = await letters(market)
    assert mailserver.recipients == ["ann@xn--e1afmkfd.xn--p1ai"]
    assert mailserver.logins == ["robot s:cret"]
    assert letter["Subject"] == "Payment received"
    assert letter["From"] == "Чат <robot@chat.example.com>"
    assert letter["Message-ID"] == f"<{stored.id}@chat.example.com>"
    assert "990 RUB" in letter.get_content()  # type: ignore[attr-defined]
    assert (stored.status, stored.problem) == ("sent", None)
    await market.buy(await market.product.user(), save=False)
    await market.notified()
    assert "990 ₽" in mailserver.letters[-1].get_content()  # type: ignore[attr-defined]


async def test_a_letter_waits_for_a_server_that_is_away_and_is_sent_once(
    market: Market, mailserver: MailServer
) -> None:
    port = mailserver.port
    await mailserver.stop()
    await market.buy(await market.product.user(), save=False)
    await market.notified()
    (waiting,) = await letters(market)
    assert waiting.status == "queued"
    assert waiting.problem is not None
    assert "cret" not in waiting.problem
    await mailserver.start(port)
    await market.travel(hours=12)
    assert len(mailserver.letters) == 1
    assert (await letters(market))[0].status == "sent"


async def test_a_letter_that_is_refused_again_and_again_is_given_up_and_shown(
    market: Market, mailserver: MailServer
) -> None:
    admin = await administrator(market)
    mailserver.refuse = ["451 later", *["550 nobody here"] * 9]
    await market.buy(await market.product.user(), save=False)
    await market.travel(days=4)
    (given_up,) = await letters(market)
    assert (given_up.status, mailserver.letters) == ("failed", [])
    await sign_in(admin)
    assert (await admin.get("/api/admin/condition")).data["waiting"]["lettersFailed"] == 1
    (shown,) = (await admin.get("/api/admin/mails?status=failed")).data
    assert shown["problem"] == "SMTPRecipientsRefused"


async def test_a_letter_that_may_have_been_sent_twice_says_that_it_is_the_same(
    market: Market, mailserver: MailServer
) -> None:
    mailserver.mute = 1
    await market.buy(await market.product.user(), save=False)
    await market.travel(minutes=10)
    first, second = mailserver.letters
    assert first["Message-ID"] == second["Message-ID"]
    assert len(await letters(market)) == 1


async def test_a_mail_server_that_hangs_keeps_no_payment_waiting(
    tmp_path: Path, database_url: str | None, emulator: Emulator, mailserver: MailServer
) -> None:
    mailserver.hangs = True
    async with open_market(tmp_path / "data", emulator, database_url, by_itself=True, **posting(mailserver)) as market:
        for person in range(1, 3):
            _, payment = await market.checkout(await market.product.user())
            market.shop.admin.pay(payment)
            await market.shop.admin.settled()
            paid = ["succeeded"] * person
            async with asyncio.timeout(20):
                while [row.status for row in await market.rows(Payment)] != paid or not mailserver.asked:
                    await asyncio.sleep(0.05)
    assert mailserver.letters == []
