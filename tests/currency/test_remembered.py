"""What is asked now and then, and told meanwhile."""

import pytest
import time_machine
from django.db import OperationalError

from currency import destinations
from currency.models import Destination
from currency.remembered import Remembered


class Asked:
    """Answers 1, 2, 3, …; out while `is_out`."""

    def __init__(self) -> None:
        self.times = 0
        self.is_out = False

    def __call__(self) -> int:
        self.times += 1
        if self.is_out:
            raise OperationalError("out")
        return self.times


def test_an_answer_is_told_for_five_seconds(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("currency.remembered.time.monotonic", lambda: clock[0])
    asked = Asked()
    remembered = Remembered(asked)
    told = [remembered.told()]

    clock[0] = 104.9
    told.append(remembered.told())
    clock[0] = 105.1
    told.append(remembered.told())
    remembered.forget()
    told.append(remembered.told())

    assert told == [1, 1, 2, 3]


def test_a_database_that_is_out_is_left_alone_and_the_last_answer_stands(monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("currency.remembered.time.monotonic", lambda: clock[0])
    asked = Asked()
    remembered = Remembered(asked)
    remembered.told()
    asked.is_out = True

    for moment in (106.0, 135.0, 135.9):
        clock[0] = moment
        assert remembered.told() == 1
    assert asked.times == 2
    asked.is_out = False
    clock[0] = 136.1

    assert remembered.told() == 3


def test_who_has_never_asked_gets_the_error():
    asked = Asked()
    asked.is_out = True

    with pytest.raises(OperationalError):
        Remembered(asked).told()


@pytest.mark.django_db
def test_destinations_come_in_the_order_that_operators_gave_them(django_assert_num_queries):
    Destination.objects.filter(country_code="TH").update(display_order=0)
    Destination.objects.filter(country_code="JP").update(is_active=False)

    with time_machine.travel("2026-11-22T03:00:00Z"), django_assert_num_queries(1):
        in_order = destinations.in_order()

        assert in_order[:3] == ("TH", "VN", "CN")
        assert destinations.active() == frozenset(in_order)
        assert "JP" not in in_order
