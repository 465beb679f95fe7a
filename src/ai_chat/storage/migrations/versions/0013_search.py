"""Search: indexes of words, and triggers that queue what is to be read. What there is already is queued as well."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_LEXEMES = TSVECTOR().with_variant(sa.Text(), "sqlite")
_MESSAGE_ENDED = "NEW.status <> 'generating'"
_MESSAGE_CHANGED = f"{_MESSAGE_ENDED} AND (OLD.status = 'generating' OR OLD.content <> NEW.content)"
_TRIGGERS = {
    "search_message_added": ("INSERT", "messages", "message_id", _MESSAGE_ENDED),
    "search_message_changed": ("UPDATE OF content, status", "messages", "message_id", _MESSAGE_CHANGED),
    "search_title_added": ("INSERT", "chats", "chat_id", "NEW.titled_by <> 'nobody'"),
    "search_title_changed": ("UPDATE OF title", "chats", "chat_id", "OLD.title <> NEW.title"),
}


def upgrade() -> None:
    op.create_table(
        "search_queue",
        sa.Column("number", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("chat_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_search_queue")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "search_messages",
        sa.Column("place", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("words", _LEXEMES, nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["messages.id"], name=op.f("fk_search_messages_message_id_messages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_search_messages")),
        sa.UniqueConstraint("message_id", name=op.f("uq_search_messages_message_id")),
    )
    op.create_table(
        "search_titles",
        sa.Column("place", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("words", _LEXEMES, nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_search_titles_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_search_titles")),
        sa.UniqueConstraint("chat_id", name=op.f("uq_search_titles_chat_id")),
    )
    sqlite = op.get_bind().dialect.name == "sqlite"
    for entries in ("search_messages", "search_titles"):
        if sqlite:
            _make_fts5(entries)
        else:
            # A search would have to read what waits in a pending list; nobody waits for the indexer.
            op.execute(f"CREATE INDEX ix_{entries}_words ON {entries} USING gin (words) WITH (fastupdate = off)")
    for name, (event, table, column, condition) in _TRIGGERS.items():
        _make_trigger(name, event, table, column, condition, sqlite=sqlite)
    op.execute("INSERT INTO search_queue (chat_id) SELECT id FROM chats WHERE titled_by <> 'nobody' ORDER BY id")
    op.execute(
        "INSERT INTO search_queue (message_id)"
        " SELECT id FROM messages WHERE status <> 'generating' AND content <> '' ORDER BY id"
    )


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for name, (_, table, _, _) in _TRIGGERS.items():
        op.execute(f"DROP TRIGGER {name}" if sqlite else f"DROP TRIGGER {name} ON {table}")
    if sqlite:
        for entries in ("search_messages", "search_titles"):
            op.execute(f"DROP TABLE {entries}_words")
    else:
        op.execute("DROP FUNCTION search_queue_message_id()")
        op.execute("DROP FUNCTION search_queue_chat_id()")
    op.drop_table("search_titles")
    op.drop_table("search_messages")
    op.drop_table("search_queue")


def _make_trigger(name: str, event: str, table: str, column: str, condition: str, *, sqlite: bool) -> None:
    put = f"INSERT INTO search_queue ({column}) VALUES (NEW.id)"
    if sqlite:
        op.execute(f"CREATE TRIGGER {name} AFTER {event} ON {table} WHEN {condition} BEGIN {put}; END")
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION search_queue_{column}() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN {put}; RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW WHEN ({condition})"
        f" EXECUTE FUNCTION search_queue_{column}()"
    )


def _make_fts5(entries: str) -> None:
    """Without positions or sizes: no phrases are looked for and nothing is ranked by frequency. Lexemes are split at blanks:
    they have no other ASCII sign than letters and digits, and all that is not ASCII belongs to them.
    """
    index = f"{entries}_words"
    add = f"INSERT INTO {index} (rowid, words) VALUES (NEW.place, NEW.words);"
    remove = f"INSERT INTO {index} ({index}, rowid, words) VALUES ('delete', OLD.place, OLD.words);"
    op.execute(
        f"CREATE VIRTUAL TABLE {index} USING fts5(words, content='{entries}', content_rowid='place',"
        " detail='none', columnsize=0, tokenize='ascii')"
    )
    op.execute(f"CREATE TRIGGER {entries}_added AFTER INSERT ON {entries} BEGIN {add} END")
    op.execute(f"CREATE TRIGGER {entries}_removed AFTER DELETE ON {entries} BEGIN {remove} END")
    op.execute(f"CREATE TRIGGER {entries}_changed AFTER UPDATE OF words ON {entries} BEGIN {remove} {add} END")
