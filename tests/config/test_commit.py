"""config.commit: a transaction is done again where that can help, and over another connection."""

import pytest
from django.db import IntegrityError, OperationalError, connections

from config.commit import committed

pytestmark = pytest.mark.django_db(transaction=True)


def failing_once(error):
    """Work that fails the first time; and the connections it was done over."""
    over = []

    def work():
        over.append(connections["default"].connection)
        if len(over) == 1:
            raise error
        return "done"

    return work, over


@pytest.mark.parametrize(
    ("number", "what"),
    [
        (1213, "deadlock"),
        (1205, "lock wait time-out"),
        (2006, "server has gone away"),
        (2013, "lost connection"),
        (1290, "read-only: the former writer of a failover, which answers every ping"),
        (1792, "read-only transaction"),
        (1836, "read-only mode"),
    ],
)
def test_what_may_heal_is_done_again_over_another_connection(number, what):
    work, over = failing_once(OperationalError(number, what))

    assert committed(work) == "done"
    assert len(over) == 2
    assert over[0] is not over[1]


def test_a_row_that_somebody_else_has_just_inserted_is_found_the_second_time():
    work, over = failing_once(IntegrityError(1062, "Duplicate entry"))

    assert committed(work) == "done"
    assert len(over) == 2


@pytest.mark.parametrize("error", [OperationalError(1054, "Unknown column"), IntegrityError(1048, "NULL")])
def test_what_cannot_heal_is_told_at_once(error):
    work, over = failing_once(error)

    with pytest.raises(type(error)):
        committed(work)

    assert len(over) == 1
