"""Turns: what a client calls a message moves to the generation it starts; generations of one turn; siblings by index."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_KEYED = {
    "unique": True,
    "sqlite_where": sa.text("client_message_id IS NOT NULL"),
    "postgresql_where": sa.text("client_message_id IS NOT NULL"),
}
_RUNNING = {
    "unique": False,
    "sqlite_where": sa.text("status = 'running'"),
    "postgresql_where": sa.text("status = 'running'"),
}


def upgrade() -> None:
    op.add_column("generations", sa.Column("turn_id", sa.Uuid(), nullable=True))
    op.add_column("generations", sa.Column("client_message_id", sa.String(length=100), nullable=True))
    op.execute(
        "UPDATE generations SET client_message_id = (SELECT m.client_message_id FROM messages m"
        " WHERE m.id = generations.user_message_id AND m.chat_id = generations.chat_id)"
        " WHERE NOT EXISTS (SELECT 1 FROM generations earlier WHERE earlier.chat_id = generations.chat_id"
        " AND earlier.user_message_id = generations.user_message_id AND earlier.id < generations.id)"
    )
    op.create_index("uq_generations_client_message", "generations", ["chat_id", "client_message_id"], **_KEYED)
    op.drop_index("ix_generations_running", table_name="generations")
    op.create_index("ix_generations_running", "generations", ["chat_id"], **_RUNNING)
    op.drop_index("uq_messages_client_message", table_name="messages")
    op.drop_column("messages", "client_message_id")
    op.drop_index("ix_messages_parent_id", table_name="messages")
    op.create_index("ix_messages_parent", "messages", ["chat_id", "parent_id", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_messages_parent", table_name="messages")
    op.create_index("ix_messages_parent_id", "messages", ["parent_id"], unique=False)
    op.add_column("messages", sa.Column("client_message_id", sa.String(length=100), nullable=True))
    op.execute(
        "UPDATE messages SET client_message_id = (SELECT min(g.client_message_id) FROM generations g"
        " WHERE g.user_message_id = messages.id AND g.chat_id = messages.chat_id) WHERE role = 'user'"
    )
    op.create_index("uq_messages_client_message", "messages", ["chat_id", "client_message_id"], **_KEYED)
    op.drop_index("ix_generations_running", table_name="generations")
    op.create_index("ix_generations_running", "generations", ["id"], **_RUNNING)
    op.drop_index("uq_generations_client_message", table_name="generations")
    op.drop_column("generations", "client_message_id")
    op.drop_column("generations", "turn_id")
