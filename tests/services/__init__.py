"""Real servers for the tests: PostgreSQL, Valkey and Chromium, started from wheels and never left behind.

Nothing here belongs to the product. A test asks for the fixtures in `fixtures.py`; the classes can also be used directly:

    with PostgresServer() as postgres, ValkeyServer() as valkey:
        url = postgres.create_database()
"""

from tests.services.chromium import ChromiumNotFoundError, find_chromium
from tests.services.postgres import PostgresServer
from tests.services.process import ServerError
from tests.services.valkey import ValkeyServer

__all__ = ["ChromiumNotFoundError", "PostgresServer", "ServerError", "ValkeyServer", "find_chromium"]
