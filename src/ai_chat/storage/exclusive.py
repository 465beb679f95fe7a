"""One server for one SQLite database: a second one would end the first one's running answers as leftovers."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ai_chat.storage.database import DatabaseError


@contextmanager
def exclusive_use(data_dir: Path) -> Iterator[None]:
    """Holds the folder's lock; DatabaseError where another server has it. The kernel frees it however we end."""
    with (data_dir / "server.lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            raise DatabaseError(
                f"Another server already runs on {data_dir.resolve()}; stop it, or choose another folder with DATA_DIR."
            ) from problem
        yield
