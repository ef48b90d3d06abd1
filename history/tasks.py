"""Celery's entry points; each may run twice, or twice at once, and changes nothing more."""

from datetime import UTC, datetime

from config.celery import app
from history import rebuilding


@app.task(name="history.rebuild_bars", soft_time_limit=270, time_limit=300)
def rebuild_bars() -> None:
    """The bars of the last weeks, where they differ from their observations."""
    rebuilding.rebuild_recent(datetime.now(UTC).date())


@app.task(name="history.backtest_forecasts", soft_time_limit=270, time_limit=300)
def backtest_forecasts() -> None:
    """How the forecast would have done up to the newest closes, where there are newer ones."""
    from history import backtest  # NumPy, which no other task needs

    backtest.refresh(datetime.now(UTC))
