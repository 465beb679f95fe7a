"""Generations that belong to no chat: answers to programs, which are handed over and not kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_OF_A_CHAT = ("chat_id", "message_id", "user_message_id")


def upgrade() -> None:
    with op.batch_alter_table("generations") as generations:
        for name in _OF_A_CHAT:
            generations.alter_column(name, existing_type=sa.Uuid(), nullable=True)
        generations.add_column(sa.Column("shown_characters", sa.Integer(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    op.execute("DELETE FROM generations WHERE chat_id IS NULL")
    with op.batch_alter_table("generations") as generations:
        generations.drop_column("shown_characters")
        for name in _OF_A_CHAT:
            generations.alter_column(name, existing_type=sa.Uuid(), nullable=False)
