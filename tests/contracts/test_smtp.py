"""Handing letters to a mail server over TLS: from the first byte, or when asked to; to nobody but the server that was meant."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ai_chat.features.mail.outbox import Letter
from ai_chat.integrations.smtp.sender import Smtp
from ai_chat.kernel.ids import new_id
from tests.services.mailserver import MailServer

CERTIFICATES = Path(__file__).parent / "certificates"
LETTER = Letter(new_id(), "ann@example.com", "Привет", "Письмо")


@pytest.fixture
async def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MailServer]:
    """By the scheme that reaches it; `localhost.pem` is trusted, as an operator would trust his own."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATES / "localhost.pem"))
    scheme, certificate = request.param
    server = MailServer(implicit=scheme == "smtps")
    if certificate is not None:
        server.tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.tls.load_cert_chain(CERTIFICATES / certificate)
    await server.start()
    yield server
    await server.stop()


def sender(server: MailServer, host: str = "localhost", *, near: bool = False) -> Smtp:
    scheme = "smtps" if server.implicit else "smtp"
    return Smtp(f"{scheme}://robot:s%3Acret@{host}:{server.port}", "Чат <robot@example.com>", near=near)


@pytest.mark.parametrize("server", [("smtps", "localhost.pem"), ("smtp", "localhost.pem")], indirect=True)
async def test_letter_and_password_go_encrypted(server: MailServer) -> None:
    await sender(server).send(LETTER)
    assert [letter["Subject"] for letter in server.letters] == ["Привет"]
    assert (server.logins, server.encrypted) == (["robot s:cret"], [True])


@pytest.mark.parametrize("server", [("smtps", "elsewhere.pem"), ("smtp", "elsewhere.pem")], indirect=True)
async def test_somebody_else_s_certificate_gets_neither(server: MailServer) -> None:
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        await sender(server).send(LETTER)
    assert (server.logins, server.letters) == ([], [])


@pytest.mark.parametrize("server", [("smtp", None)], indirect=True)
async def test_without_encryption_the_password_stays_on_this_machine(server: MailServer) -> None:
    with pytest.raises(OSError, match="no encryption"):
        await sender(server).send(LETTER)
    assert (server.logins, server.letters) == ([], [])
    await sender(server, near=True).send(LETTER)
    assert server.encrypted == [False]
