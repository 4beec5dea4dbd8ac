"""A lender's file as lenders write them: every form of numbers, orders, codes for missing, outcomes not known yet."""

import numpy as np
import pandas as pd

GRADES = [f"{letter}{digit}" for letter in "ABCDEFG" for digit in range(1, 6)]
YEARS = ["< 1 year", "1 year", *(f"{years} years" for years in range(2, 10)), "10+ years"]


def german(number: str) -> str:
    return number.replace(",", "_").replace(".", ",").replace("_", ".")


def lenders_file(rows: int, seed: int = 1) -> pd.DataFrame:
    """Draw applicants of whom grade, interest and bureau score tell the outcome; every cell is text."""
    draw = np.random.default_rng(seed)
    risk = draw.normal(size=rows)
    amount, income = draw.lognormal(9, 0.6, rows), draw.lognormal(10.5, 0.5, rows)
    bureau = np.clip(700 - 60 * risk + 30 * draw.normal(size=rows), 300, 850).astype(int)
    outcome = np.where(risk + draw.logistic(size=rows) > 1.2, "Charged Off", "Fully Paid")
    outcome = np.where(
        draw.random(rows) < 0.1, np.where(draw.random(rows) < 0.5, "Current", "In Grace Period"), outcome
    )
    place = np.clip((risk + 2.5) / 5 * 34 + draw.normal(0, 3, rows), 0, 34).astype(int)
    balance = draw.normal(2000, 2500, rows)
    table = {
        "id": [f"LC{100_000 + 7 * row}" for row in range(rows)],
        "loan_amnt": [f"${value:,.2f}" for value in amount],
        "term": np.where(draw.random(rows) < 0.7, "36 months", "60 months"),
        "int_rate": [f"{value:.2f}%" for value in np.clip(12 + 3 * risk + draw.normal(0, 2, rows), 2, 30)],
        "annual_inc": [f"{value:,.0f}" for value in income],
        "Kontostand": [german(f"{value:,.2f} €") for value in balance],
        "saldo": [f"{abs(value):.2f}{'-' if value < 0 else ''}" for value in balance + draw.normal(0, 900, rows)],
        "cash_flow": [f"({-value:,.0f})" if value < 0 else f"{value:,.0f}" for value in draw.normal(4000, 6000, rows)],
        "sub_grade": np.take(GRADES, place),
        "emp_length": draw.choice(YEARS, rows),
        "band": draw.choice(["0-100", "100-500", ">500"], rows),
        "risk_class": np.take(["low", "medium", "high"], np.digitize(risk + draw.normal(size=rows), [-0.5, 0.7])),
        "bureau": np.where(draw.random(rows) < 0.2, "-9999", bureau.astype(str)),
        "delinq_2yrs": np.minimum(draw.poisson(0.4 * np.exp(0.4 * risk)), 6).astype(str),
        "age": np.where(np.arange(rows) == 3, "144", draw.integers(19, 80, rows).astype(str)),
        "dti": np.where(draw.random(rows) < 0.05, ".", np.char.mod("%.2f", draw.gamma(4, 4, rows))),
        "purpose": draw.choice(["car", "house", "debt"], rows),
        "issue_d": [f"{1 + month % 12:02}.{2015 + month // 12}" for month in draw.integers(0, 36, rows)],
        "total_pymnt": [f"${value:,.2f}" for value in np.where(outcome == "Fully Paid", amount * 1.1, amount * 0.3)],
        "recoveries": np.where(outcome == "Charged Off", np.char.mod("%.2f", amount * 0.1), "0.00"),
        "loan_status": outcome,
    }
    return pd.DataFrame({name: np.asarray(cells, dtype=str) for name, cells in table.items()})
