"""Indexes to find at once who was blocked, signed out or had a key deleted lately."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INDEXES = (("users", "blocked_at"), ("auth_sessions", "revoked_at"), ("api_keys", "revoked_at"))


def upgrade() -> None:
    for table, column in _INDEXES:
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(f"ix_{table}_{column}", table, [column], sqlite_where=given, postgresql_where=given)


def downgrade() -> None:
    for table, column in _INDEXES:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
