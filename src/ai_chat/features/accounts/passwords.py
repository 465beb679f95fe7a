"""Password hashes: argon2id, made and checked on threads of their own, because each costs some 20 ms of CPU. Making and
checking do not share them: however many register at once, nobody who signs in stands in their queue.

bcrypt hashes from an earlier system are accepted and replaced at the next sign-in. Checking one costs ten times as much, so
that every check that fails is made to take as long as one of those: by waiting, not by work, which would help a flood.
"""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import bcrypt
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

_BCRYPT_BYTES = 72
_BCRYPT_COST = 12
"""The usual one, and the highest that the time of a failed check hides."""
_BCRYPT_MEASURED_COST = 4
_BUSY = 2.0
"""How many times longer than alone a check may take on a busy machine without standing out."""
_MAKING_THREADS = 1
_CHECKING_THREADS = 2


class _CuttingBcryptHasher(BcryptHasher):
    """bcrypt never saw more than 72 bytes of a password; the library refuses longer ones instead of cutting them. Whoever
    registered with a longer one elsewhere must be able to sign in once, to get a hash of the whole.
    """

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:
        raw = password.encode() if isinstance(password, str) else password
        return super().verify(raw[:_BCRYPT_BYTES], hash)


_HASHER = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1), _CuttingBcryptHasher()))
"""OWASP's recommendation for argon2id: 19 MiB, two passes, one lane. 18 ms here; the library's default takes 183."""


class Passwords:
    """Hashes and verifies. A `verify` that fails takes the same time for any kind of hash and for an unknown account."""

    def __init__(self) -> None:
        self._making = ThreadPoolExecutor(_MAKING_THREADS, thread_name_prefix="passwords-new")
        self._checking = ThreadPoolExecutor(_CHECKING_THREADS, thread_name_prefix="passwords-check")
        self.failure_takes = _seconds_of_bcrypt() * _BUSY
        self._hasher, self._nobody = _HASHER, _hash_of_nobody()

    async def hash(self, password: str) -> str:
        return await asyncio.get_running_loop().run_in_executor(self._making, self._hasher.hash, password)

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether it is right, and a fresh hash where the stored one is outdated. `stored` is None for no account."""
        loop = asyncio.get_running_loop()
        right, fresh, seconds = await loop.run_in_executor(self._checking, self._verify, password, stored)
        if not right:
            await asyncio.sleep(max(0.0, self.failure_takes - seconds))
        return right, fresh

    def _verify(self, password: str, stored: str | None) -> tuple[bool, str | None, float]:
        started = time.perf_counter()
        try:
            right, fresh = self._hasher.verify_and_update(password, stored or self._nobody)
        except (UnknownHashError, ValueError):
            right, fresh = False, None
        if not stored:
            right, fresh = False, None
        return right, fresh, time.perf_counter() - started

    def close(self) -> None:
        self._making.shutdown(wait=False)
        self._checking.shutdown(wait=False)


@cache
def _hash_of_nobody() -> str:
    return _HASHER.hash("no account has this password")


@cache
def _seconds_of_bcrypt() -> float:
    """What checking a bcrypt hash costs on this machine: measured at the lowest cost, each further one doubles it."""
    kept = bcrypt.hashpw(b"measured", bcrypt.gensalt(_BCRYPT_MEASURED_COST))
    measured = []
    for _ in range(3):
        started = time.thread_time()
        bcrypt.checkpw(b"otherwise", kept)
        measured.append(time.thread_time() - started)
    return min(measured) * (1 << (_BCRYPT_COST - _BCRYPT_MEASURED_COST))
