"""A connected socket, in the clear or in TLS, that gives what has arrived when it is asked.

The event loop's own transports read by themselves and wake for every piece. The token path wants to choose when it reads
(`relay/tick.py`), in the clear and in TLS alike, so it has the socket to itself.
"""

import asyncio
import socket
import ssl
from contextlib import suppress
from functools import cache

LARGEST_READING = 256 * 1024
_ONE_ADDRESS_SECONDS = 4.0
"""How long one of several addresses may take before the next is tried: the way to one of them may be a hole."""


class Channel:
    """The bytes of one connection. What has been received is valid until the next call of any channel with this buffer."""

    def __init__(self, source: socket.socket, buffer: memoryview, tls: "Tls | None") -> None:
        self.socket = source
        self.ended = False
        """The other side has said that nothing more comes."""
        self._buffer = buffer
        self._tls = tls
        self._unsent = b""

    def receive(self) -> bytes | memoryview:
        """What has arrived, nothing where nothing has. OSError (every error of TLS is one) where the connection is broken."""
        try:
            size = self.socket.recv_into(self._buffer)
        except (BlockingIOError, InterruptedError):
            return b""
        if self._tls is not None:
            return self._opened(self._tls, size)
        self.ended = size == 0
        return self._buffer[:size]

    def _opened(self, tls: "Tls", size: int) -> bytes:
        pieces, self.ended = tls.open(self._buffer[:size])
        if answer := tls.outgoing.read():  # a change of keys is confirmed
            self.send(answer, sealed=True)
        return pieces

    def send(self, data: bytes, *, sealed: bool = False) -> None:
        """Sends as much as the connection takes now, and the rest when it has room. OSError where it is broken."""
        if self._tls is not None and not sealed:
            data = self._tls.seal(data)
        if self._unsent:
            self._unsent += data
            return
        self._unsent = data
        self._send_rest()
        if self._unsent:
            asyncio.get_running_loop().add_writer(self.socket, self._has_room)

    def _has_room(self) -> None:
        try:
            self._send_rest()
        except OSError:
            self._unsent = b""  # whoever reads learns why
        if not self._unsent:
            asyncio.get_running_loop().remove_writer(self.socket)

    def _send_rest(self) -> None:
        with suppress(BlockingIOError, InterruptedError):
            self._unsent = self._unsent[self.socket.send(self._unsent) :]

    def close(self) -> None:
        if self._unsent:
            self._unsent = b""
            asyncio.get_running_loop().remove_writer(self.socket)
        self.socket.close()


class Tls:
    """The TLS of one connection, apart from its socket."""

    def __init__(self, host: str) -> None:
        self._incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._session = client_context().wrap_bio(self._incoming, self.outgoing, server_hostname=host)

    async def shake_hands(self, source: socket.socket) -> None:
        """Before anything else. ssl.SSLError where the server cannot prove who it is."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                self._session.do_handshake()
            except ssl.SSLWantReadError:
                await loop.sock_sendall(source, self.outgoing.read())
                self._take(await loop.sock_recv(source, LARGEST_READING))
            except ssl.SSLError:
                with suppress(OSError):
                    await loop.sock_sendall(source, self.outgoing.read())  # tells the server what we think of it
                raise
            else:
                return await loop.sock_sendall(source, self.outgoing.read())

    def open(self, sealed: memoryview) -> tuple[bytes, bool]:
        """What the records say that are complete with this, and whether it is the end."""
        self._take(sealed)
        pieces: list[bytes] = []
        try:
            while self._incoming.pending or self._session.pending() or not sealed:
                piece = self._session.read(LARGEST_READING)
                if not piece:
                    return b"".join(pieces), True
                pieces.append(piece)
        except ssl.SSLWantReadError:
            pass
        return pieces[0] if len(pieces) == 1 else b"".join(pieces), False

    def seal(self, data: bytes) -> bytes:
        self._session.write(data)
        return self.outgoing.read()

    def _take(self, sealed: bytes | memoryview) -> None:
        if sealed:
            self._incoming.write(sealed)
        else:
            self._incoming.write_eof()


@cache
def client_context() -> ssl.SSLContext:
    """One for the process: making one costs as much as a thousand tokens."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


async def connect(host: str, port: int, *, secure: bool, buffer: memoryview) -> Channel:
    """To the first of the host's addresses that answers; in TLS, where `secure`, with a proof of the name. OSError where there is
    none, ValueError where the name cannot be one.
    """
    loop = asyncio.get_running_loop()
    addresses = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for number, (family, kind, protocol, _, address) in enumerate(addresses, 1):
        source = socket.socket(family, kind, protocol)
        try:
            source.setblocking(False)  # noqa: FBT003 - the socket's own words
            source.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.timeout(_ONE_ADDRESS_SECONDS if number < len(addresses) else None):
                await loop.sock_connect(source, address)
            tls = Tls(host) if secure else None
            if tls is not None:
                await tls.shake_hands(source)
        except BaseException as problem:
            source.close()
            if isinstance(problem, ssl.SSLError) or not isinstance(problem, OSError) or number == len(addresses):
                raise  # TimeoutError is an OSError
        else:
            return Channel(source, buffer, tls)
    raise OSError(f"{host} has no address")
