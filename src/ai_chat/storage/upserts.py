"""Inserting a row that may be there already: the one statement that the two databases spell differently."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite


class InsertIfMissing:
    """Inserts a row of `table`, or leaves the one with its key as it is."""

    def __init__(self, table: Table, values: Mapping[str, Any]) -> None:
        self._statements = {
            "postgresql": postgresql.insert(table).values(values).on_conflict_do_nothing(),
            "sqlite": sqlite.insert(table).values(values).on_conflict_do_nothing(),
        }

    def execute(self, connection: Connection, parameters: Mapping[str, Any]) -> None:
        connection.execute(self._statements[connection.dialect.name], parameters)
