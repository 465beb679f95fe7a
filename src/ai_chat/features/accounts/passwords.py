"""Password hashes: argon2id, made and checked on threads of their own, because each costs some 20 ms of CPU. Making and
checking do not share them: however many register at once, nobody who signs in stands in their queue.

bcrypt hashes from an earlier system are accepted and replaced at the next sign-in.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

_BCRYPT_BYTES = 72
_MAKING_THREADS = 1
_CHECKING_THREADS = 2


class _CuttingBcryptHasher(BcryptHasher):
    """bcrypt never saw more than 72 bytes of a password; the library refuses longer ones instead of cutting them. Whoever
    registered with a longer one elsewhere must be able to sign in once, to get a hash of the whole.
    """

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        raw = password.encode() if isinstance(password, str) else password
        return super().verify(raw[:_BCRYPT_BYTES], hash)


class Passwords:
    """Hashes and verifies. `verify` takes the same time for an unknown account."""

    def __init__(self) -> None:
        # OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. 18 ms here; the library's default takes 183.
        self._hasher = PasswordHash(
            (Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1), _CuttingBcryptHasher())
        )
        self._making = ThreadPoolExecutor(_MAKING_THREADS, thread_name_prefix="passwords-new")
        self._checking = ThreadPoolExecutor(_CHECKING_THREADS, thread_name_prefix="passwords-check")
        self._nobody = self._hasher.hash("no account has this password")

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._making, self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether it is right, and a fresh hash where the stored one is outdated. `stored` is None for no account."""
        return await asyncio.get_running_loop().run_in_executor(self._checking, self._verify, password, stored)

    def _verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        try:
            right, fresh = self._hasher.verify_and_update(password, stored or self._nobody)
        except (UnknownHashError, ValueError):
            return False, None
        return (right, fresh) if stored is not None else (False, None)

    def close(self) -> None:
        self._making.shutdown(wait=False)
        self._checking.shutdown(wait=False)
