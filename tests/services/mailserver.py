"""A mail server that keeps what it is given: SMTP as far as a client of ours speaks it."""

from __future__ import annotations

import asyncio
import base64
import ssl
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.policy import default


@dataclass
class MailServer:
    """Letters in the order they came. `refuse` is what the next recipients hear, such as "451 later"; `mute` hangs up after a
    letter was taken, before it says so; while it `hangs`, whoever connects hears nothing. With `tls` it encrypts, from the
    first byte where it is `implicit`, else when it is asked to.
    """

    letters: list[Message] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuse: list[str] = field(default_factory=list)
    mute: int = 0
    hangs: bool = False
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    encrypted: list[bool] = field(default_factory=list)
    """Of each letter, whether it came so."""
    asked: int = 0
    """Connections so far."""
    port: int = 0
    _server: asyncio.Server | None = None
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self, port: int = 0) -> None:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", port, ssl=self.tls if self.implicit else None
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self.asked += 1
        try:
            await self._converse(reader, writer)
        except ssl.SSLError:
            """The client does not believe our certificate, and has left."""
        finally:
            self._open.discard(writer)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.hangs:
            await reader.read()
            return
        writer.write(b"220 mail.test\r\n")
        while line := (await reader.readline()).decode().strip():
            verb = line.split(" ", 1)[0].upper()
            secure = writer.get_extra_info("ssl_object") is not None
            if verb == "EHLO":
                extension = b"250-STARTTLS\r\n" if self.tls is not None and not secure else b""
                writer.write(b"250-mail.test\r\n" + extension + b"250 AUTH PLAIN\r\n")
            elif verb == "STARTTLS" and self.tls is not None:
                writer.write(b"220 go on\r\n")
                await writer.start_tls(self.tls)
            elif verb == "AUTH":
                self.logins.append(base64.b64decode(line.rpartition(" ")[2]).decode().replace("\x00", " ").strip())
                writer.write(b"235 welcome\r\n")
            elif verb == "RCPT" and self.refuse:
                writer.write(f"{self.refuse.pop(0)}\r\n".encode())
            elif verb == "RCPT":
                self.recipients.append(line.partition("<")[2].partition(">")[0])
                writer.write(b"250 ok\r\n")
            elif verb == "DATA":
                writer.write(b"354 go on\r\n")
                body = await reader.readuntil(b"\r\n.\r\n")
                self.letters.append(message_from_bytes(body[:-5], policy=default))
                self.encrypted.append(secure)
                if self.mute:
                    self.mute -= 1
                    return
                writer.write(b"250 taken\r\n")
            elif verb == "QUIT":
                writer.write(b"221 bye\r\n")
                return
            else:
                writer.write(b"250 ok\r\n")
