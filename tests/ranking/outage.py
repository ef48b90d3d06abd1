"""A database that cannot be reached, for a while, by the process that runs the test."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections


@contextmanager
def database_out() -> Iterator[None]:
    """For tests with `transactional_db`: closing the connection would end another's transaction."""
    connection = connections["default"]
    told = dict(connection.settings_dict)
    connection.close()
    connection.settings_dict.update(NAME="/nowhere/at/all.sqlite3", HOST="127.0.0.1", PORT="1")
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(told)
