"""Score a file or a folder of applications: `python -m ops.score APPLICATIONS -o DECISIONS`.

APPLICATIONS is whatever `ingest` reads, a folder, or `-` for standard input; DECISIONS a file whose extension says how
it is written (.parquet, .csv, .jsonl), a folder where APPLICATIONS is one, or `-`. Exit code 0 if every row has a
decision or the reason why it has none, 1 if something is not as it must be, 2 for wrong usage and for a model that the
graph did not record.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tqdm import tqdm

from credit.core.columns import BAD
from credit.core.errors import InputError
from credit.core.families import FAMILIES
from credit.core.records import Record, Seed
from credit.core.split import stratified_sample
from credit.core.wording import percent
from credit.data.sources import lender_files
from credit.explain.explanation import Explain
from credit.io.files import read_dictionary, read_json, read_params, read_parquet, write_json
from credit.scoring.decision import Explainer
from ops.score.batches import Scoring, score_file
from ops.score.model_file import RefusedModelError, load_scorer
from ops.score.output import FORMATS, format_of
from ops.score.summary import Summary

TRAIN = "data/processed/train.parquet"
NOTES = ".scored.json"  # in a folder of decisions: of which parts they are, and by which model
STANDARD = "-"


class Params(Record):
    seed: Seed
    explain: Explain


def score_folder(source: Path, output: Path, kind: str, scoring: Scoring, training_pds: np.ndarray) -> Summary:
    """Score the parts of a folder that were not scored yet, as they are now and by this model."""
    notes = read_json(output / NOTES) if (output / NOTES).exists() else {}
    total = Summary(training_pds)
    for name, file in lender_files(str(source)):
        found, part = file.stat(), output / f"{name}.{kind}"
        made_of = [found.st_size, found.st_mtime_ns, scoring.scorer.version.sha256, scoring.which]
        if notes.get(name, {}).get("made_of") != made_of or not part.exists():
            summary = Summary(training_pds)
            score_file(file, str(source / name), part, kind, scoring, summary)
            notes[name] = {"made_of": made_of, "counts": summary.as_plain()}
            write_json(output / NOTES, notes)
        total.add(notes[name]["counts"])
    return total


def score_stream(options: argparse.Namespace, kind: str, scoring: Scoring, summary: Summary) -> None:
    """Score one file, of which one or both sides may be standard input and output."""
    with tempfile.TemporaryDirectory(prefix="score-") as folder:
        source, output = options.applications, options.output
        if str(source) == STANDARD:
            source = Path(folder, "applications")
            with source.open("wb") as copy:
                shutil.copyfileobj(sys.stdin.buffer, copy)
        elif not source.is_file():
            raise InputError(f"{source}: expected a file or a folder of applications, got no such file")
        written = Path(folder, "decisions") if str(output) == STANDARD else output
        score_file(source, str(options.applications), written, kind, scoring, summary)
        if str(output) == STANDARD:
            with written.open("rb") as copy:
                shutil.copyfileobj(copy, sys.stdout.buffer)


def run(options: argparse.Namespace) -> None:
    """Load, score, sum up."""
    is_folder, to_standard = options.applications.is_dir(), str(options.output) == STANDARD
    kind = options.format or ("parquet" if is_folder else "csv" if to_standard else format_of(options.output))
    if is_folder and (to_standard or options.output.is_file()):
        raise InputError(f"--output: expected a folder for the decisions of a folder, got {options.output}")
    params, dictionary = read_params(Params), read_dictionary()
    scorer = load_scorer(options.model, dictionary)
    train = read_parquet(TRAIN)
    sample = train.iloc[stratified_sample(train[BAD].to_numpy(), params.explain.max_rows, params.seed)]
    explainer = Explainer(scorer, sample, dictionary, seed=params.seed) if options.reasons != "none" else None
    training_pds = scorer.pds_of(train)
    if scorer.why_slow:
        print(f"scored by the model itself, for {scorer.why_slow}", file=sys.stderr)
    with tqdm(unit=" rows", disable=None, leave=False) as bar:
        scoring = Scoring(scorer, explainer, options.reasons, os.cpu_count() or 1, bar.update)
        if is_folder:
            summary = score_folder(options.applications, options.output, kind, scoring, training_pds)
        else:
            summary = Summary(training_pds)
            score_stream(options, kind, scoring, summary)
    version = scorer.version
    commit = f"commit {version.commit[:12]}" if version.commit else "not committed"
    title = f"{FAMILIES[version.family].title}, sha256 {version.sha256[:12]}, {commit}"
    report = [*summary.report(), f"by {title}; rejected from {percent(scorer.cutoff)} on"]
    print(*report, sep="\n", file=sys.stderr if to_standard else sys.stdout)


def main(arguments: Sequence[str]) -> None:
    """Score; a failure ends with one line."""
    parser = argparse.ArgumentParser(prog="python -m ops.score", description="decide on applications")
    parser.add_argument("applications", type=Path, help="a file, a folder, or - for standard input")
    written = f"a file that ends in {', '.join(FORMATS)}, a folder, or - for standard output"
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DECISIONS", help=written)
    formats = "of the files in a folder (default: parquet), or of standard output (default: csv)"
    parser.add_argument("--format", choices=FORMATS.values(), help=formats)
    parser.add_argument(
        "--reasons", choices=("none", "rejected", "all"), default="none", help="of whom (default: none)"
    )
    model = "one that the graph wrote (default: models/best.joblib)"
    parser.add_argument("--model", type=Path, default=Path("models/best.joblib"), metavar="PATH", help=model)
    try:
        run(parser.parse_args(arguments))
    except RefusedModelError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    except InputError as error:
        raise SystemExit(str(error)) from None
    except OSError as error:
        raise SystemExit(f"{error.filename}: {error.strerror}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
