"""One server for one SQLite database: a second one would end the first one's running answers as leftovers."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ai_chat.storage.database import DatabaseError


@contextmanager
def exclusive_use(path: Path) -> Iterator[None]:
    """Holds the lock of the database file at `path`; DatabaseError where another server has it. The kernel frees it
    however we end.
    """
    with path.with_name(path.name + ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise DatabaseError(
                f"Another server already runs on {path.resolve()}; stop it, or choose another folder with DATA_DIR."
            ) from problem
        yield
