"""The small repository of the mirror's tests, and its database."""

from tests.ops.mirror.conftest import apart, client, first, new_database, small, tables, uri

__all__ = ["apart", "client", "first", "new_database", "small", "tables", "uri"]
