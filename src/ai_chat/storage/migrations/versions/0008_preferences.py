"""Preferences: what a person asks of every answer, and how the web app looks for them, on every device."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("custom_instructions", sa.Text(), nullable=True))
    op.add_column("users", sa.Column("preferences", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("users", "preferences")
    op.drop_column("users", "custom_instructions")
