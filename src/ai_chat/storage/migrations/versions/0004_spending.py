"""What a day's answers have cost the operator, and costs that the provider has still to be asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "usage_spend_days",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("reached_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_usage_spend_days")),
    )
    op.create_table(
        "usage_late_costs",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=30), nullable=False),
        sa.Column("answer_id", sa.String(length=100), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"],
            ["usage_entries.id"],
            name=op.f("fk_usage_late_costs_entry_id_usage_entries"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_usage_late_costs")),
    )
    op.create_index(op.f("ix_usage_late_costs_due_at"), "usage_late_costs", ["due_at"], unique=False)
    op.add_column("generations", sa.Column("answer_id", sa.String(length=100), nullable=True))


def downgrade() -> None:
    op.drop_column("generations", "answer_id")
    op.drop_table("usage_late_costs")
    op.drop_table("usage_spend_days")
