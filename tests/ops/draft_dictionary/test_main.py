import logging
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from credit.io.files import read_dictionary
from ops.draft_dictionary.__main__ import main
from stages import ingest, prepare, source

LOG = logging.getLogger("draft")
ROWS = 300
RANDOM = np.random.default_rng(20260101)


def drawn(*levels: str) -> list[str]:
    """Draw levels so that each comes about as often as another."""
    return RANDOM.permutation([levels[row % len(levels)] for row in range(ROWS)]).tolist()


def numbers(written: str = "{:.0f}") -> list[str]:
    return [written.format(value) for value in RANDOM.lognormal(8, 1, ROWS)]


FEATURES = {
    "Loan Amount": numbers("{:.2f}"),
    "income": numbers(" {:.1f} "),
    "age": [f"{19 + row % 50}.0" for row in range(ROWS)],
}
TABLE = {
    **FEATURES,
    "purpose": drawn("car", "house, big", 'a "new" one', "key: value", "- item", "#1"),
    "owner": drawn("True", "False"),
    "phone": drawn("yes", "no"),
    "open": drawn("t", "f"),
    "null_or_on": drawn("on", "off", "null", "~", "010"),
    "job": drawn("1", "2", "3", "4.0"),
    "rare": ["360", *drawn("1", "2")[1:]],
    "zip": drawn("010", "020", "100"),
    "ID": [str(row) for row in range(ROWS)],
    "name": [f"applicant {row}" for row in range(ROWS)],
    "opened": [f"{row % 28 + 1:02}.01.2020" for row in range(ROWS)],
    "seen": [f"2020-02-{row % 28 + 1:02} 10:00" for row in range(ROWS)],
    "currency": ["EUR"] * ROWS,
    "nothing": ["NA"] * ROWS,
    "employer": drawn(*(f"Firm: {number} #{number % 7}" for number in range(120))),
    "branch_code": drawn(*(str(number) for number in range(100, 160))),
    "score": [cell if row % 2 else "?" for row, cell in enumerate(numbers("{:.4f}"))],
    "rating": [cell if row % 2 else " n/a " for row, cell in enumerate(drawn("A", "B", "C"))],
    "line": drawn("1", "2", "3"),
    "file": drawn("a", "b"),
    "bad": drawn("maybe", "never", "always"),
    "Höhe/Betrag (EUR)": numbers(),
    "höhe betrag eur": numbers(),
    "1": drawn("c", "d"),
    "status": drawn("Fully Paid", "Charged Off", "Current"),
}


def prepared() -> pd.DataFrame:
    """Ingest and prepare the table by its draft, with nothing changed."""
    params = yaml.safe_load(Path("params.yaml").read_text(encoding="utf-8"))
    params["ingest"]["source"] = "applications.csv"
    Path("params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    ingest.main(LOG)
    prepare.main(LOG)
    return pd.read_parquet(prepare.PREPARED)


def test_overwrites_only_when_told_and_never_the_table(fault, write):
    table, output = write("applications.csv", "a,Risk\n1,good\n2,bad\n"), write("draft.yaml", "mine")
    assert fault(str(table), "--output", "draft.yaml") == (
        "draft.yaml: expected no such file yet, got one that is not in Git; --force overwrites it"
    )
    assert output.read_text() == "mine"
    assert fault(str(table), "--output", str(table), "--force").startswith("applications.csv: expected another file")
    assert fault(str(table), "--output", "data", "--force").startswith("data: expected the name of a file to write")
    assert fault("data", "--output", "data/new.yaml") == (
        "data/new.yaml: expected a file outside of the folder that is read"
    )
    main([str(table), "--output", "draft.yaml", "--force"])
    assert read_dictionary("draft.yaml").target == "Risk"


def test_the_dictionary_that_git_has_is_overwritten_and_the_table_named_in_params(workspace, write, capsys):
    write("lent.csv", "amount,Risk\n1.234 €,good\n2.345 €,bad\n")
    write("data/dictionary.yaml", "columns: {}\n")
    write(
        "params.yaml",
        "seed: 1\n\ningest:   # where from\n  # the table\n  source: old.csv  # here\n\neda: {split: random}\n",
    )
    for command in (["init", "-q"], ["add", "."], ["-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "all"]):
        subprocess.run(["git", *command], check=True)
    arguments = ["lent.csv", "-o", "data/dictionary.yaml", "--set-source"]
    main(arguments)
    assert "params.yaml: ingest.source is lent.csv\n" in capsys.readouterr().out
    assert Path("params.yaml").read_text(encoding="utf-8") == (
        "seed: 1\n\ningest:   # where from\n  # the table\n  source: lent.csv\n\neda: {split: random}\n"
    )
    with pytest.raises(SystemExit, match="got one that is not in Git; --force overwrites it"):
        main(arguments)
    main([*arguments, "--force"])
    said = capsys.readouterr().out.splitlines()
    assert said[0] == "data/dictionary.yaml: 1 numeric, 1 target"
    assert said[1].startswith("  amount: unsure: '1.234' is taken for 1.234")
    write("params.yaml", "ingest: {source: old.csv}\n")
    with pytest.raises(SystemExit, match="expected 'ingest:' and below it 'source:', on lines of their own"):
        main([*arguments, "--force"])


@pytest.mark.slow
@pytest.mark.parametrize(("separator", "encoding"), [(",", "utf-8"), (";", "cp1252")])
def test_another_lenders_table_is_read_by_its_draft(draft, separator: str, encoding: str):
    draft(pd.DataFrame(TABLE).to_csv(sep=separator, index=False).encode(encoding))
    dictionary = read_dictionary()
    assert [dictionary.source(key) for key in dictionary.columns] == list(TABLE)
    table = prepared()
    undecided = pd.read_parquet(prepare.INDETERMINATE)
    assert (dictionary.columns["status"].good_codes, len(undecided)) == (("Fully Paid",), ROWS / 3)
    assert len(table) == ROWS - len(undecided)
    assert set(table.columns) == {"line", "applicant_group", "bad", *dictionary.features}
    assert 0.2 < table["bad"].mean() < 0.6
    valid = table[dictionary.features].notna().mean()
    assert set(valid.index[valid < 0.99]) == {"null_or_on", "score", "rating"}  # in which much is missing


@pytest.mark.slow
def test_the_draft_of_the_south_german_table_reads_it_whole_and_damage_does_not_change_it(draft, repository: Path):
    source.main(LOG)
    draft(source.OUTPUT.read_bytes())
    clean, ours = read_dictionary(), read_dictionary(repository / "data/dictionary.yaml")
    assert (clean.names("numeric"), clean.names("ignored", "ordinal")) == (["laufzeit", "hoehe", "alter"], [])
    assert (clean.target, clean.columns["kredit"].bad_codes) == ("kredit", (0,))
    for name, column in ours.columns.items():
        drafted = clean.columns[ours.source(name)]
        assert drafted.protected == column.protected
        assert set(drafted.codes or ()) <= set(column.codes or ())  # one is in the code table and not in the data
    read = prepared()
    assert read.notna().all(axis=None)
    assert (len(read), read["bad"].sum()) == (1000, 300)

    random, table = np.random.default_rng(3), pd.read_csv(source.OUTPUT)
    written = table.astype("float64").astype("str")
    for damage, share in (((table * 10.0).astype("str"), 0.01), ("?", 0.005), ("", 0.01), (" " + written + " ", 0.05)):
        written = written.mask(random.random(table.shape) < share, damage)
    draft(written.to_csv(index=False))
    damaged = read_dictionary()
    told = {name: (column.role, column.codes, column.bad_codes) for name, column in clean.columns.items()}
    assert {name: (one.role, one.codes, one.bad_codes) for name, one in damaged.columns.items()} == told
    assert damaged.columns["alter"].range == (18, 110)


@pytest.mark.slow
def test_a_draft_without_a_target_is_refused_until_it_is_named(draft):
    content = pd.DataFrame({**FEATURES, "purpose": drawn("car", "house")}).to_csv(index=False)
    assert "# check: NO TARGET was found" in draft(content)
    with pytest.raises(Exception, match="columns of which exactly one has the role target, not none"):
        read_dictionary()
    draft(content, "--target", "purpose", "--bad", "car")
    assert read_dictionary().columns["purpose"].bad_codes == ("car",)
    assert prepared()["bad"].sum() == ROWS / 2


def test_reads_as_a_person_would_want_it(draft):
    rows = ["5000,1,ja,good", "90.5,2.0,nein,bad", "?,3,ja,good", "70,1,ja,good"]
    assert draft("Höhe,job,on,Risk\n" + "\n".join(rows * 50)).splitlines() == [
        "# First draft, guessed from 'applications.csv' (comma, utf-8): 4 columns, 200 rows.",
        "# To do:",
        "# 1. Decide the 4 lines marked unsure or check, and look at every role.",
        "# 2. Write what the codes mean (code: meaning), label and unit; widen each range to what is possible, not",
        "#   only what was seen: a value outside becomes missing.",
        "# 3. Save it as data/dictionary.yaml, set ingest.source in params.yaml to the table (`--output` and",
        "#   `--set-source` do), and `make run`.",
        "columns:",
        "  hoehe:",
        "    # unsure: only 70, 90.5, 5000; if these are codes, role: nominal or ordinal, with codes",
        "    # 25.0 % missing",
        "    source: Höhe",
        "    role: numeric",
        "    range: [70, 5000]",
        "  job:",
        "    # unsure: whole numbers, 1 to 3: names (nominal), an order (ordinal) or a count (numeric)?",
        "    role: nominal",
        "    codes:",
        '      1: "1"',
        '      2: "2"',
        '      3: "3"',
        '  "on":',
        "    role: nominal",
        "    codes:",
        "      ja: ja",
        "      nein: nein",
        "  Risk:",
        "    # check: taken for the target by its name and values",
        "    # check: bad_codes are those that say so; 25.0 % of the applicants are bad",
        "    role: target",
        "    codes:",
        "      bad: bad",
        "      good: good",
        "    bad_codes: [bad]",
    ]


@pytest.mark.slow
def test_as_a_program(workspace: Path, write, repository: Path):
    write("applications.csv", "Höhe,Risk\n1,good\n2,bad\n")
    command = [sys.executable, "-W", "error", "-m", "ops.draft_dictionary"]
    environment = {"PYTHONPATH": str(repository), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "ascii"}
    well = subprocess.run([*command, "applications.csv"], capture_output=True, env=environment, check=False)
    assert (well.returncode, well.stderr) == (0, b"")
    assert [column.get("source") for column in yaml.safe_load(well.stdout)["columns"].values()] == ["Höhe", None]
    badly = subprocess.run([*command, "none.csv"], capture_output=True, text=True, env=environment, check=False)
    assert (badly.returncode, badly.stdout) == (1, "")
    assert badly.stderr == "none.csv: expected a file of applications, got no such file\n"
