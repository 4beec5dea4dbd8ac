"""A Git repository of two families with the results that DVC would have left in it, made without DVC."""

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from credit.core.intervals import cross_validated
from credit.evaluate.selection import HIGHER_IS_BETTER, SelectBest, choose, compare
from credit.io.files import write_json
from tests.ops.mirror.git_repository import BEGAN, GitRepository
from tests.ops.mirror.small_models import FOLDS, REPEATS, ROWS, SETTINGS, folds_of, held_out_table, saved

SOURCE = "data/raw/applicants.csv"
PNG = b"\x89PNG\r\n\x1a\n a picture"
PARAMS = {
    "model": "best",
    "seed": 7,
    "decision": {"cost": {"accept_bad": 5, "reject_good": 1}},
    "ingest": {"source": SOURCE},
    "out_of_fold": {"folds": FOLDS, "repeats": REPEATS},
    "train": {"lr": {"C": [0.1, 1.0]}, "dt": {"max_depth": 2}},
    "select_best": {"metric": "auc", "rule": "one_standard_error", "preference": ["lr", "dt"]},
}
STAGES = ("ingest", "eda", "train", "select_best", "evaluate")
MOMENTS = count(1)  # Git takes files of equal size and time for equal


class SmallRepository(GitRepository):
    """A repository at `root`, with DVC's cache in it if it `keeps` one; `run` does what `dvc repro` would do."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.cache = root / ".dvc/cache"
        self.keeps = True

    @classmethod
    def new(cls, root: Path) -> "SmallRepository":
        """Make one with a run that is committed on main."""
        repository = cls(root)
        repository.write(".dvc/config", "[core]\n    analytics = false\n")
        repository.write(".gitignore", "/.dvc/cache/\n/.dvc/tmp/\n/.mlflow/\n/models/\n/data/\n")
        repository.write("dvc.yaml", yaml.safe_dump({"stages": {name: {} for name in STAGES}}))
        repository.git("init", "--quiet", "--initial-branch=main")
        repository.git("config", "user.name", "Ada")
        repository.git("config", "user.email", "ada@example.org")
        repository.run()
        repository.commit("first")
        return repository

    def experiment(self, name: str, **changes: Any) -> str:
        """Make an experiment as DVC does: a commit on the current one that only refs/exps names."""
        baseline = self.git("rev-parse", "HEAD")
        self.run(**changes)
        self.git("add", "--all")
        tree, moment = self.git("write-tree"), self.next_moment()
        commit = self.git("commit-tree", tree, "-p", baseline, "-m", f"dvc: commit experiment {name}", at=moment)
        self.git("update-ref", f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}", commit)
        self.git("reset", "--quiet", "--hard")
        return commit

    def run(self, *, lead: float = 0.05, data: str = "a", auc: float = 0.75, **params: Any) -> None:
        """Leave what the graph would.

        Parameters
        ----------
        lead : of lr over dt in mean out-of-fold AUC.
        data : the lender's table.
        auc : on the test applicants.
        params : of params.yaml; `C` of lr and `depth` of dt.
        """
        train = {"lr": {"C": params.pop("C", [0.1, 1.0])}, "dt": {"max_depth": params.pop("depth", 2)}}
        values = json.loads(json.dumps({**PARAMS, "train": train, **params}))  # without aliases in YAML
        self.write("params.yaml", yaml.safe_dump(values, sort_keys=False))
        made = self._ingest_and_eda(data)
        folds = {family: folds_of(family, lead, values["seed"]) for family in ("lr", "dt")}
        trained = {family: self._train(family, values["train"][family], folds[family]) for family in folds}
        chosen = self._select(values, folds)
        best = {"models/best.joblib": trained[chosen][f"models/{chosen}.joblib"]}
        evaluated = chosen if values["model"] == "best" else values["model"]
        self.write_metrics("metrics/evaluation.json", {"estimator": evaluated, "auc": auc, "threshold": 0.2})
        self.write("plots/.gitignore", "/progress\n")
        self.write("plots/roc.csv", f"fpr,tpr\n0,{auc}\n")
        self.write("plots/roc.png", PNG + str(auc).encode())
        of_training = [path for files in trained.values() for path in files]
        wanted = f"models/{values['model']}.joblib"
        stages = {
            "ingest": ([SOURCE], ["data/interim/ingested.parquet"], {"ingest"}),
            "eda": (["data/interim/ingested.parquet"], [*TABLES, "metrics/eda.json"], {"seed"}),
            **{
                f"train@{family}": ([TABLES[0]], list(files), {"seed", "out_of_fold", f"train.{family}"})
                for family, files in trained.items()
            },
            "select_best": (of_training, [*best, "metrics/selection.json"], {"select_best", "out_of_fold"}),
            "evaluate": ([wanted, *TABLES], ["metrics/evaluation.json", "plots/roc.csv", "plots/roc.png"], {"model"}),
        }
        digests = made | best | {path: md5 for files in trained.values() for path, md5 in files.items()}
        self._write_lock(stages, values, digests)

    def _ingest_and_eda(self, data: str) -> dict[str, str]:
        """Write the metrics of the first stages; gives the digests of what they make and Git does not keep."""
        self.write_metrics("metrics/eda.json", {"train_rows": ROWS, "rows": {"prepared": ROWS + 20}})
        train, ingested = f"train of {data}".encode(), f"ingested {data}".encode()
        contents = {SOURCE: data.encode(), "data/interim/ingested.parquet": ingested, TABLES[0]: train}
        contents[TABLES[1]] = held_out_table()
        return {path: self.keep(content) for path, content in contents.items()}

    def _train(self, family: str, settings: Mapping[str, Any], folds: pd.DataFrame) -> dict[str, str]:
        """Write what training leaves; gives the digests of its files."""
        name = SETTINGS[family]
        tried = settings[name] if isinstance(settings[name], list) else [settings[name]]
        estimates = [
            {"metric": metric, **cross_validated(folds[metric].to_numpy(), 1 / FOLDS)._asdict(), "n": ROWS}
            for metric in HIGHER_IS_BETTER
        ]
        values = {f"oof_{row['metric']}": row["mean"] for row in estimates} | {"cutoff": 0.2}
        picked = [{"setting": "encoding", "value": "one_hot"}, {"setting": name, "value": tried[-1]}]
        lists = {"estimates": estimates, "folds": folds.to_dict("records"), "picked": picked}
        report, table, model = f"metrics/train/{family}.json", f"plots/search/{family}.csv", f"models/{family}.joblib"
        self.write_metrics(report, {**values, **lists})
        rows = [f"{number},0.{70 + number},{value}" for number, value in enumerate(tried)]
        self.write(table, "\n".join([f"candidate,score,{name}", *rows, ""]))
        written = {path: md5_of((self.root / path).read_bytes()) for path in (report, table)}
        return {model: self.keep(saved(family, tried[-1])), **written}

    def _select(self, values: Mapping[str, Any], folds: Mapping[str, pd.DataFrame]) -> str:
        """Choose as `select_best` does."""
        settings = SelectBest(**values["select_best"])
        ranking = compare(folds, settings.metric, 1 / FOLDS, ROWS)
        chosen = choose(ranking, settings.rule, settings.preference)
        selection = {"chosen": chosen, "ranked_by": settings.metric, "leader": ranking["family"][0]}
        self.write_metrics("metrics/selection.json", selection)
        return chosen

    def _write_lock(self, stages: Mapping, params: Mapping[str, Any], digests: Mapping[str, str]) -> None:
        """Write dvc.lock."""

        def entry(path: str) -> dict[str, Any]:
            file = self.root / path
            return {"path": path, "hash": "md5", "md5": digests.get(path) or md5_of(file.read_bytes())}

        def value(name: str) -> Any:
            top, _, family = name.partition(".")
            return params[top][family] if family else params[top]

        lock = {
            stage: {
                "cmd": f"python -m stages.{stage.replace('@', ' ')}",
                "deps": [entry(path) for path in deps],
                "params": {"params.yaml": {name: value(name) for name in sorted(used)}},
                "outs": [entry(path) for path in outs],
            }
            for stage, (deps, outs, used) in stages.items()
        }
        self.write("dvc.lock", yaml.safe_dump({"schema": "2.0", "stages": lock}, sort_keys=False))
        moment = BEGAN + next(MOMENTS)
        os.utime(self.root / "dvc.lock", (moment, moment))  # DVC has long ended

    def write_metrics(self, path: str, values: Mapping[str, Any]) -> None:
        """Write a file of metrics."""
        write_json(self.root / path, values)

    def keep(self, content: bytes) -> str:
        """Put a file in DVC's cache; gives its MD5."""
        md5 = md5_of(content)
        if self.keeps:
            self.cached(md5).parent.mkdir(parents=True, exist_ok=True)
            self.cached(md5).write_bytes(content)
        return md5

    def cached(self, md5: str) -> Path:
        """Say where a file is in DVC's cache."""
        return self.cache / "files/md5" / md5[:2] / md5[2:]

    def blend(self) -> None:
        """Leave what the stage `blend` would after `run`; the model is that of lr once more."""
        content = saved("lr", 1.0) + b" in a blend"
        report = json.loads((self.root / "metrics/train/lr.json").read_text(encoding="utf-8"))
        picked = [{"setting": "members", "value": ["lr", "dt"]}]
        self.write_metrics("metrics/train/blend.json", {**report, "picked": picked})
        outs = {"models/blend.joblib": self.keep(content), "data/processed/oof/blend.parquet": md5_of(b"oof")}
        lock = self.lock()
        entries = [{"path": path, "hash": "md5", "md5": md5} for path, md5 in outs.items()]
        deps = [{"path": "metrics/train/lr.json", "hash": "md5", "md5": md5_of(b"report")}]
        lock["stages"]["blend"] = {"cmd": "python -m stages.blend", "deps": deps, "outs": entries}
        self.write("dvc.lock", yaml.safe_dump(lock, sort_keys=False))

    def lock(self) -> dict[str, Any]:
        """Read dvc.lock."""
        return yaml.safe_load((self.root / "dvc.lock").read_text(encoding="utf-8"))

    def model(self, family: str) -> str:
        """Give the MD5 of a family's model, or of the best one, in the workspace."""
        stage = {"best": "select_best", "blend": "blend"}.get(family, f"train@{family}")
        return next(out["md5"] for out in self.lock()["stages"][stage]["outs"] if out["path"].startswith("models/"))

    def copy_to(self, root: Path) -> "SmallRepository":
        """Copy all of it, the cache too, but no database: to open one that is in use drops its locks."""
        shutil.copytree(self.root, root, ignore=shutil.ignore_patterns(".mlflow"))
        return SmallRepository(root)

    def clone_to(self, root: Path) -> "SmallRepository":
        """Clone what is committed, the experiments too, without the cache."""
        self.git("clone", "--quiet", str(self.root), str(root))
        clone = SmallRepository(root)
        clone.git("fetch", "--quiet", "origin", "refs/exps/*:refs/exps/*")
        return clone


TABLES = ("data/processed/train.parquet", "data/processed/test.parquet")


def md5_of(content: bytes) -> str:
    """Identify a file as DVC does."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()
