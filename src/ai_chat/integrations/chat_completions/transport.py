"""The port between asking for an answer and the connection that carries it. Its twins: `direct.py` and `proxied.py`."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Protocol

CONNECT_SECONDS = 15


class TransportFailure(Exception):
    """The connection failed. The text is for the operator's log and never holds an address with a password."""


class Next(Enum):
    """What a receiver wants after a piece."""

    AT_ONCE = auto()
    """Whatever comes, as soon as it comes."""
    WITH_THE_TICK = auto()
    """What comes next may wait until a frame is made of it."""
    NOTHING = auto()
    """The rest does not matter."""


class Receiver(Protocol):
    """Takes one HTTP answer as it arrives. Calls are synchronous: nothing wakes up per token."""

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        """The answer's head; the headers' names are in lower case."""

    def data(self, piece: bytes) -> Next:
        """A piece of the body. What it raises ends the exchange."""


class Transport(Protocol):
    """Carries requests to model providers: as many at once as there are streams, one connection each, kept alive."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, receiver: Receiver) -> None:
        """Returns at the answer's end; TransportFailure where it was cut, or could not be had.
        Redirections are answers like others. Cancelling breaks the connection off.
        """

    async def close(self) -> None:
        """Closes the connections that are kept."""
