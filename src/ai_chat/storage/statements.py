"""Statements of the hot path: compiled once for each database, then handed to the driver as they are.

SQLAlchemy needs ten times as long as SQLite for a statement that it runs, however often it has run it before. A `Statement`
is written with SQLAlchemy's words and types all the same; only the way to the driver is short. For what runs once in a while,
`session.execute` is good enough.
"""

import re
from collections import namedtuple
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeAlias
from uuid import UUID

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    Integer,
    String,
    Table,
    TypeDecorator,
    Uuid,
    any_,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.elements import CompilerElement
from sqlalchemy.sql.selectable import SelectBase
from sqlalchemy.types import JSON, TypeEngine

Parameters: TypeAlias = Mapping[str, Any]
Row: TypeAlias = Any
"""A named tuple: one attribute for each selected column."""


_LATER = "later"
_PLACE = re.compile(r"\$(\d+)")


class Spelling:
    """What the two databases spell differently, for whoever writes a statement."""

    def __init__(self, name: str, *, of_one: bool = False) -> None:
        """`of_one`: every list has one element."""
        self.is_sqlite = name == "sqlite"
        self._of_one = of_one
        self.lists: set[str] = set()
        """The names of what is bound as a list."""

    def insert(self, table: Table) -> "sqlite.Insert | postgresql.Insert":
        """An INSERT that can say what to do where the row is there already."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    def among(self, column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
        """Whether the column is one of the ids that are bound as `name`: one statement, however many there are."""
        self.lists.add(name)
        if self._of_one:
            return column == bindparam(name, type_=_OnlyId())
        if self.is_sqlite:
            listed = func.json_each(bindparam(name, type_=_ListedIds())).table_valued("value")
            return column.in_(select(listed.c.value))
        return column == any_(bindparam(name, type_=postgresql.ARRAY(Uuid())))

    def growths(self, name: str) -> tuple[ColumnElement[UUID], ColumnElement[int], ColumnElement[str]]:
        """Ids, and to each a number and a text, from a mapping that is bound as `name`, for one statement that stores all of
        them: one for each would have SQLite's thread ask for the interpreter as often.
        """
        listed = bindparam(name, type_=_GrowthsById())
        if self.is_sqlite:
            each = func.json_each(listed).table_valued("key", "value").c
            return each.key, func.json_extract(each.value, "$[0]"), func.json_extract(each.value, "$[1]")
        each = func.json_each(cast(listed, postgresql.JSON)).table_valued("key", column("value", postgresql.JSON)).c
        return cast(each.key, Uuid()), cast(each.value[0].astext, Integer), each.value[1].astext

    def looked_up(
        self, before: FromClause, table: FromClause, key: ColumnElement[bool]
    ) -> tuple[FromClause, ReadOnlyColumnCollection[str, Any]]:
        """The join of what stands before with the one row of the table that `key` finds for each of it; and the row's
        columns. PostgreSQL has to be told to look it up: where it expects several rows it reads the whole table, in every
        step of a recursion.
        """
        if self.is_sqlite:  # does so anyway, and knows no LATERAL
            return before.join(table, key), table.c
        found = select(table).where(key).limit(1).lateral()
        return before.join(found, true()), found.c


class Statement:
    """One statement, or a function that writes it in each database's spelling. Every column that an INSERT fills must be
    named: SQLAlchemy's defaults are not asked.
    """

    def __init__(
        self, written: CompilerElement | Callable[[Spelling], CompilerElement], row: type[tuple[Any, ...]] | None = None
    ) -> None:
        """Rows are instances of the named tuple `row`, by default one made from the columns' names."""
        self._written = written
        self._row = row
        self._compiled: dict[str, _Compiled] = {}
        self._of_one: _Compiled | None = None
        """For lists of one, on SQLite: `json_each` costs ten times as much as the row that it finds."""
        self._lists: Collection[str] = ()

    def rows(self, session: Session, parameters: Parameters) -> list[Row]:
        """All rows that it finds, or returns of what it has changed."""
        connection = session.connection()
        compiled = self._compiled_for(connection.dialect, parameters)
        cursor = _execute(connection, compiled.sql, compiled.arguments(parameters))
        return compiled.rows(cursor)

    def row(self, session: Session, parameters: Parameters) -> Row | None:
        """The only row, or None."""
        found = self.rows(session, parameters)
        assert len(found) < 2
        return found[0] if found else None

    def run(self, session: Session, parameters: Parameters) -> int:
        """How many rows it has changed."""
        connection = session.connection()
        compiled = self._compiled_for(connection.dialect, parameters)
        return int(_execute(connection, compiled.sql, compiled.arguments(parameters)).rowcount)

    def run_each(self, session: Session, parameters: Sequence[Parameters]) -> None:
        """The same for many rows, in their order."""
        connection = session.connection()
        compiled = self.compiled_for(connection.dialect)
        _execute(connection, compiled.sql, [compiled.arguments(each) for each in parameters], many=True)

    def later(self, session: Session, parameters: Parameters) -> None:
        """Runs it at the end of the transaction, with all others that may wait: on PostgreSQL they are one round trip. They
        must change different rows, in tables that have no order among them, and need nothing of one another.
        """
        session.info.setdefault(_LATER, []).append((self, parameters))

    def compiled_for(self, dialect: Dialect) -> "_Compiled":
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            written = self._written
            if not isinstance(written, CompilerElement):
                spelling = Spelling(dialect.name)
                written = written(spelling)
                self._lists = spelling.lists
            compiled = self._compiled[dialect.name] = _Compiled(written, dialect, self._row)
        return compiled

    def _compiled_for(self, dialect: Dialect, parameters: Parameters) -> "_Compiled":
        compiled = self.compiled_for(dialect)
        if not self._lists or dialect.name != "sqlite" or any(len(parameters[name]) != 1 for name in self._lists):
            return compiled
        if self._of_one is None:
            assert not isinstance(self._written, CompilerElement)
            self._of_one = _Compiled(self._written(Spelling(dialect.name, of_one=True)), dialect, self._row)
        return self._of_one


def run_later(session: Session) -> None:
    """Runs what may wait until now: for the databases to call, before they commit."""
    waiting: list[tuple[Statement, Parameters]] = session.info.pop(_LATER, [])
    if not waiting:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite" or len(waiting) == 1:
        for statement, parameters in waiting:
            statement.run(session, parameters)
        return
    ready = [(statement.compiled_for(connection.dialect), parameters) for statement, parameters in waiting]
    arguments = [argument for compiled, parameters in ready for argument in compiled.arguments(parameters)]
    _execute(connection, _joined(*(compiled.sql for compiled, _ in ready)), arguments)


@lru_cache(maxsize=64)
def _joined(*statements: str) -> str:
    """PostgreSQL's statements as the parts of one."""
    parts, taken = [], 0
    for number, sql in enumerate(statements):
        pieces = _PLACE.split(sql)  # text, place, text, place … text
        places = list(map(int, pieces[1::2]))
        pieces[1::2] = [f"${place + taken}" for place in places]
        parts.append(f"part_{number} AS ({''.join(pieces)})")
        taken += len(set(places))
    return f"WITH {', '.join(parts)} SELECT 1"


class _Compiled:
    """A statement as the driver of one database takes it."""

    def __init__(self, written: CompilerElement, dialect: Dialect, row: Any) -> None:
        compiled: Any = written.compile(dialect=dialect)
        if getattr(compiled, "insert_prefetch", ()) or getattr(compiled, "update_prefetch", ()):
            raise TypeError(f"a column is left to a default that nobody asks: {compiled}")
        self.sql = str(compiled)
        self._takes = [(name, _to_driver(compiled.binds[name].type, dialect)) for name in compiled.positiontup]
        self._defaults = {name: compiled.params.get(name) for name, bind in compiled.binds.items() if not bind.required}
        """What is fixed, or may be left out."""
        self._dialect, columns = dialect, _columns(written)
        self._kinds = [column.type.dialect_impl(dialect) for column in columns]
        self._gives: list[Callable[[Any], Any] | None] | None = None
        self._row: Any = row or namedtuple("Row", [str(column.key) for column in columns])  # noqa: PYI024 - made of what is asked

    def arguments(self, parameters: Parameters) -> tuple[Any, ...]:
        if self._defaults:
            parameters = {**self._defaults, **parameters}
        return tuple([parameters[name] if change is None else change(parameters[name]) for name, change in self._takes])

    def rows(self, cursor: Any) -> list[Row]:
        """What the driver has found, in Python's types."""
        found = cursor.fetchall()
        gives = self._gives
        if gives is None:  # how a value comes depends on the driver's name for its type
            told = [column[1] for column in cursor.description]
            gives = self._gives = [
                kind.result_processor(self._dialect, name) for kind, name in zip(self._kinds, told, strict=True)
            ]
        make = self._row._make
        return [
            make([value if change is None else change(value) for value, change in zip(row, gives, strict=True)])
            for row in found
        ]


class _ListedIds(TypeDecorator[list[UUID]]):
    """Ids as SQLite stores them, in a JSON array that `json_each` reads."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: Iterable[UUID] | None, dialect: Dialect) -> list[str]:
        return [each.hex for each in value or ()]


class _GrowthsById(TypeDecorator[Mapping[UUID, tuple[int, str]]]):
    """Numbers and texts by ids, as SQLite stores these, in a JSON object."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Mapping[UUID, tuple[int, str]] | None, dialect: Dialect) -> str:
        return msgspec.json.encode({each.hex: growth for each, growth in (value or {}).items()}).decode()


class _OnlyId(TypeDecorator[list[UUID]]):
    """The one id of a list, as SQLite stores it."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: Collection[UUID] | None, dialect: Dialect) -> str | None:
        (only,) = value or (None,)
        return only.hex if only is not None else None


def _columns(written: CompilerElement) -> list[ColumnElement[Any]]:
    if isinstance(written, UpdateBase):
        return list(written.exported_columns)
    return list(written.selected_columns) if isinstance(written, SelectBase) else []


def _to_driver(kind: TypeEngine[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _execute(connection: Connection, sql: str, arguments: Sequence[Any], *, many: bool = False) -> Any:
    """The driver's cursor, with its errors as SQLAlchemy tells them."""
    try:
        cursor = connection.connection.cursor()
        if many:
            cursor.executemany(sql, arguments)
        else:
            cursor.execute(sql, arguments)
    except Exception as problem:
        base = connection.dialect.loaded_dbapi.Error
        if not isinstance(problem, base):
            raise
        lost = connection.dialect.is_disconnect(problem, connection.connection.dbapi_connection, None)
        if lost:
            connection.invalidate(problem)
        raise DBAPIError.instance(
            sql, None, problem, base, hide_parameters=True, connection_invalidated=lost, dialect=connection.dialect
        ) from problem
    if connection._has_events or connection.engine._has_events:  # whoever counts SQLAlchemy's statements counts these
        connection.dispatch.after_cursor_execute(connection, cursor, sql, arguments, None, many)
    return cursor
