"""Folders; chats that are pinned, archived, in a folder, or deleted for a while."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "folders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_folders_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_folders")),
    )
    op.create_index(op.f("ix_folders_user_id"), "folders", ["user_id"], unique=False)
    with op.batch_alter_table("chats") as chats:
        chats.add_column(sa.Column("pinned", sa.Boolean(), server_default=sa.false(), nullable=False))
        chats.add_column(sa.Column("archived", sa.Boolean(), server_default=sa.false(), nullable=False))
        chats.add_column(sa.Column("folder_id", sa.Uuid(), nullable=True))
        chats.add_column(sa.Column("purge_at", sa.DateTime(timezone=True), nullable=True))
        chats.create_foreign_key(
            op.f("fk_chats_folder_id_folders"), "folders", ["folder_id"], ["id"], ondelete="SET NULL"
        )
    for name, column, condition, on_sqlite in (
        ("ix_chats_pinned", "user_id", "pinned", "pinned = 1"),
        ("ix_chats_archived", "user_id", "archived", "archived = 1"),
        ("ix_chats_folder", "folder_id", "folder_id IS NOT NULL", "folder_id IS NOT NULL"),
    ):
        op.create_index(
            name,
            "chats",
            [column, "updated_at", "id"],
            unique=False,
            postgresql_where=sa.text(condition),
            sqlite_where=sa.text(on_sqlite),
        )
    given = sa.text("purge_at IS NOT NULL")
    op.create_index("ix_chats_purge", "chats", ["purge_at"], unique=False, postgresql_where=given, sqlite_where=given)


def downgrade() -> None:
    op.execute("DELETE FROM chats WHERE purge_at IS NOT NULL")
    for name in ("ix_chats_purge", "ix_chats_folder", "ix_chats_archived", "ix_chats_pinned"):
        op.drop_index(name, table_name="chats")
    with op.batch_alter_table("chats") as chats:
        chats.drop_constraint(op.f("fk_chats_folder_id_folders"), type_="foreignkey")
        for column in ("purge_at", "folder_id", "archived", "pinned"):
            chats.drop_column(column)
    op.drop_table("folders")
