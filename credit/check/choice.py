"""Check of the family that was evaluated, against the family that leads out of fold."""

import pandas as pd

from credit.check.record import Check, Number, judge
from credit.core.families import FAMILIES


def family_not_behind(ranking: pd.DataFrame, family: str) -> Check:
    """CR016: the evaluated family is not behind the leader by more than noise.

    Whether the leader's own lead is more than noise is told and decides nothing.

    Parameters
    ----------
    ranking : of one metric, the leader first; columns family, metric, difference (to the leader, at most 0),
        difference_low, difference_high, more_than_noise and n.
    family : the evaluated one.
    """
    leader, runner_up = ranking.iloc[0], ranking.iloc[1]
    own, metric = ranking.set_index("family").loc[family], leader["metric"].upper()
    number = runner_up if family == leader["family"] else own
    behind = Number(
        f"behind the leader in {metric}",
        -float(number["difference"]),
        -float(number["difference_high"]),
        -float(number["difference_low"]),
        int(number["n"]),
    )
    lead, second = FAMILIES[leader["family"]].title, FAMILIES[runner_up["family"]].title
    certainty = "more" if runner_up["more_than_noise"] else "no more"
    reason = f"{lead} leads {second}, by {certainty} than noise"
    who = "the second" if family == leader["family"] else FAMILIES[family].title
    return judge("CR016", not own["more_than_noise"], f"{reason}; {who} is {behind} behind in {metric}", [behind])
