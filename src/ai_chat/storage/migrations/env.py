"""Alembic's entry for developers (`alembic revision --autogenerate`). The product migrates through storage/migrate.py."""
