"""Finding rows by their words, on both databases. What a word is, is the caller's business: here a lexeme is a text without
blanks, an entry has a set of them, and a query combines them.

PostgreSQL keeps an entry's lexemes as a tsvector under a GIN index; in SQLite they stand in the row as text, and triggers
keep an FTS5 index named `<table>_words` in step with it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    literal_column,
    table,
)
from sqlalchemy.dialects.postgresql import TSQUERY, TSVECTOR
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CompilerElement

from ai_chat.storage.statements import Spelling, Statement

LEXEMES = TSVECTOR().with_variant(Text(), "sqlite")
"""The column type of an entry's lexemes."""


@dataclass(frozen=True, slots=True)
class Lexeme:
    """What an entry must have: this lexeme, or any that begins so."""

    text: str
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class WordQuery:
    """Entries with at least one lexeme of each group, that do not fulfil `but_not`."""

    groups: Sequence[Sequence[Lexeme]]
    but_not: "WordQuery | None" = None


def spelled(lexemes: Iterable[str]) -> str:
    """An entry's lexemes as they are stored."""
    return " ".join(sorted(set(lexemes)))


def put_if_newer(session: Session, entries: Table, key: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Stores entries, each in place of the one with the same `key`, unless that has a larger `version`."""
    _put(entries, key).run_each(session, rows)


@cache
def _put(entries: Table, key: str) -> Statement:
    def written(spelling: Spelling) -> CompilerElement:
        words: ColumnElement[Any] = bindparam("words", type_=Text())
        if not spelling.is_sqlite:
            words = func.array_to_tsvector(func.string_to_array(cast(words, Text), " "))
        values = {
            column.name: bindparam(column.name, type_=column.type) for column in entries.c if column.name != "words"
        }
        put = spelling.insert(entries).values(**values, words=words)
        newer = {name: put.excluded[name] for name in ("version", "words")}
        return put.on_conflict_do_update(
            index_elements=[key], set_=newer, where=entries.c.version < put.excluded.version
        )

    return Statement(written)


@dataclass(frozen=True, slots=True)
class Matching:
    """Parts of a statement that looks for entries: where from, on which condition, and what their places are called."""

    source: FromClause
    condition: ColumnElement[bool]
    place: ColumnElement[int]


def matching(connection: Connection, entries: Table, query: WordQuery) -> Matching:
    """Looks for entries by their words. Ordering by `place` is cheap on SQLite, whose index is kept in this order;
    PostgreSQL sorts what it has found, and must not be tempted to walk through everybody's entries in their order instead.
    """
    if connection.dialect.name == "postgresql":
        found = entries.c.words.op("@@", is_comparison=True)(cast(cast(_tsquery(query), Text), TSQUERY))
        return Matching(entries, found, entries.c.place + literal(0))
    index = table(f"{entries.name}_words", column("rowid"))
    found = literal_column(index.name).op("MATCH", is_comparison=True)(literal(_fts5(query)))
    return Matching(index.join(entries, entries.c.place == index.c.rowid), found, index.c.rowid)


def _tsquery(query: WordQuery) -> str:
    groups = (" | ".join(f"'{_quoted(one)}'{':*' if one.prefix else ''}" for one in group) for group in query.groups)
    wanted = " & ".join(f"({group})" for group in groups)
    return wanted if query.but_not is None else f"{wanted} & !({_tsquery(query.but_not)})"


def _quoted(lexeme: Lexeme) -> str:
    return lexeme.text.replace("\\", "\\\\").replace("'", "''")


def _fts5(query: WordQuery) -> str:
    groups = (
        " OR ".join('"' + one.text.replace('"', '""') + '"' + ("*" if one.prefix else "") for one in group)
        for group in query.groups
    )
    wanted = " AND ".join(f"({group})" for group in groups)
    return wanted if query.but_not is None else f"({wanted}) NOT ({_fts5(query.but_not)})"
