import pytest
import yaml


def remarks(draft, *cells: str) -> str:
    rows = "".join(f"{cell};{number};{'good' if number % 3 else 'bad'}\n" for number, cell in enumerate(cells))
    text = draft(f"opened;amount;Risk\n{rows}")
    assert yaml.safe_load(text)["columns"]["opened"]["role"] == "ignored"
    return " ".join(line.strip().removeprefix("#").strip() for line in text.splitlines()).split("columns:")[1]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["2020-01-31", "2021-02-28"], "role: time, range: [2020-01-31, 2021-02-28]"),
        (["2020-01-31T10:00:00Z", "2021-02-28 10:00"], "role: time, range: [2020-01-31, 2021-02-28]"),
        (["31.01.2020", "1.2.2021"], "role: time, format: '%d.%m.%Y', range: [2020-01-31, 2021-02-01]"),
        (["12/31/2020 10:30", "01/02/2019 9:00"], "format: '%m/%d/%Y %H:%M', range: [2019-01-02, 2020-12-31]"),
        (["01/02/2020", "03/04/2020"], "role: time, format: '%d/%m/%Y' or '%m/%d/%Y'"),
        (["Dec-11", "Jan-07"], "role: time, format: '%b-%y', range: [2007-01-01, 2011-12-01]"),
        (["10:30", "11:30"], "role: time"),
    ],
)
def test_suggests_the_format_and_the_range_of_times(draft, cells: list[str], said: str):
    assert said in remarks(draft, *cells * 3)
    assert "range" in said or "range" not in remarks(draft, *cells * 3).split("amount")[0]


@pytest.mark.parametrize("odd", ["9999-12-31", "1900-01-01", "2098-12-31"])
def test_asks_about_days_on_which_nobody_applied(draft, odd: str):
    found = remarks(draft, *(f"2020-01-{day:02d}" for day in range(1, 31)), odd)
    assert "range: [2020-01-01, 2020-01-30]" in found
    assert f"check: no days of an application, to be kept out of the range? '{odd}' (line 32)" in found
