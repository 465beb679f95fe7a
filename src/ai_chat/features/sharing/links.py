"""The secret part of a link. It is made from the share's id with the server's secret, so that its owner can be shown the link
again while the database alone opens nothing.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from uuid import UUID

_PROOF_BYTES = 17
"""With the id's 16 bytes 33, which base64 writes in 44 signs without padding."""
_LENGTH = 44


class Links:
    """Makes and reads the tokens of shares. `secret` is the server's; `base` is where their pages are."""

    def __init__(self, secret: str, base: str) -> None:
        self._secret = secret.encode()
        self._base = base

    def address_of(self, share_id: UUID) -> str:
        """The page to hand on."""
        return self._base + self.token_of(share_id)

    def token_of(self, share_id: UUID) -> str:
        return urlsafe_b64encode(share_id.bytes + self._proof(share_id.bytes)).decode()

    def read(self, token: str) -> UUID | None:
        """The share that this token opens; None where it was not made here."""
        if len(token) != _LENGTH or not token.isascii():
            return None
        try:
            content = urlsafe_b64decode(token)
        except (Error, ValueError):
            return None
        name, proof = content[:16], content[16:]
        return UUID(bytes=name) if hmac.compare_digest(proof, self._proof(name)) else None

    def _proof(self, name: bytes) -> bytes:
        return hmac.digest(self._secret, b"share:" + name, "sha256")[:_PROOF_BYTES]
