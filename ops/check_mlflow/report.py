"""What a check prints: a line a stage as it ends, or one JSON object at the end."""

import json
from collections.abc import Sequence

from ops.check_mlflow.stages import Code, Stage

WIDTH = len("authentication")
MARKS = {True: "ok", False: "FAIL", None: "-"}


def tell(stage: Stage) -> None:
    """Print a stage, at once, and below one that failed what to do."""
    mark = "warn" if stage.warning else MARKS[stage.ok]
    print(f"{mark:4} {stage.name:{WIDTH}} {stage.milliseconds:8.1f} ms  {stage.detail}", flush=True)
    if stage.remedy is not None:
        print(f"{'':5}{'remedy':{WIDTH}} {'':11}  {stage.remedy}", flush=True)


def as_json(uri: str, done: Sequence[Stage], names: Sequence[str], code: Code) -> str:
    """Give all stages, those that were not reached too, in one object."""
    reached = {stage.name for stage in done}
    unreached = [Stage(name, None, False, None, "not reached") for name in names if name not in reached]
    stages = [stage._asdict() for stage in (*done, *unreached)]
    return json.dumps({"uri": uri, "exit_code": int(code), "stages": stages}, indent=2, ensure_ascii=False)
