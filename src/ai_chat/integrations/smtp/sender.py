"""Hands letters to a mail server. The standard library's client blocks, so each letter goes on a thread."""

import asyncio
import smtplib
import ssl
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from ai_chat.features.mail.outbox import Letter

_SECONDS = 20


class Smtp:
    """Implements `MailSender`. `near`: the server is on this machine, where nobody listens on the way."""

    def __init__(self, url: str, sender: str, *, near: bool) -> None:
        self._parts = urlsplit(url)
        self._sender = sender
        self._near = near

    async def send(self, letter: Letter) -> None:
        try:
            await asyncio.to_thread(self._hand_over, self._message(letter))
        except smtplib.SMTPException as problem:  # an OSError, but its text may repeat what the server was told
            code = f" {problem.smtp_code}" if isinstance(problem, smtplib.SMTPResponseException) else ""
            raise OSError(f"{type(problem).__name__}{code}") from problem
        except OSError:  # a certificate that is not believed is a ValueError, too
            raise
        except (
            ValueError,
            MessageError,
        ) as problem:  # an address that cannot stand in a letter must not hold up others
            raise OSError("the letter cannot be written") from problem

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        domain = parseaddr(self._sender)[1].rpartition("@")[2] or "localhost"
        message["From"], message["To"], message["Subject"] = self._sender, _ascii(letter.recipient), letter.subject
        message["Message-ID"] = f"<{letter.id}@{domain}>"
        message.set_content(letter.text)
        return message

    def _hand_over(self, message: EmailMessage) -> None:
        host, port = self._parts.hostname or "localhost", self._parts.port
        if self._parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                host, port or 465, timeout=_SECONDS, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, port or 587, timeout=_SECONDS)
        with server:
            server.ehlo()
            encrypted = self._parts.scheme == "smtps"
            if not encrypted and server.has_extn("starttls"):
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
                encrypted = True
            if self._parts.username:
                if not (encrypted or self._near):  # it may be somebody in between who hides that it could
                    raise OSError("the mail server offers no encryption, and is not told the password without")
                server.login(unquote(self._parts.username), unquote(self._parts.password or ""))
            server.send_message(message)


def _ascii(address: str) -> str:
    """Any mail server can deliver to пример.рф where it is written as DNS knows it."""
    name, _, domain = address.rpartition("@")
    return f"{name}@{domain.encode('idna').decode()}"
