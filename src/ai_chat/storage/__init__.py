"""The database: engine, sessions, column types, migrations. The only place that knows SQLite from PostgreSQL."""
