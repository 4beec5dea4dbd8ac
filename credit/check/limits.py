"""The limits that checks judge by, as the `check` section of the params sets them."""

from typing import Annotated

from pydantic import Field

from credit.core.records import Record

Share = Annotated[float, Field(gt=0, le=1, strict=True)]


class Limits(Record):
    """Limits of the checks, each with its source.

    Attributes
    ----------
    max_psi : of the score and of any feature; 0.1 is where "some change" begins. (Siddiqi 2006, ch. 12.)
    max_missing : share of the feature cells; up to 0.05 hardly matters. (Schafer 1999.)
    min_bads_per_feature : 10 in a regression's table. (Peduzzi et al. 1996.)
    max_auc : 0.95 is more than application scores reach. (Lessmann et al. 2015, table of benchmark results.)
    max_iv : information value of one feature; above 0.5 is to be looked at. (Siddiqi 2006, ch. 6.)
    max_overfitting : share of the AUC on the fitted applicants that is lost out of fold; 0.1 as skore's SKD001.
    """

    max_psi: Annotated[float, Field(gt=0, strict=True)]
    max_missing: Share
    min_bads_per_feature: Annotated[float, Field(gt=0, strict=True)]
    max_auc: Share
    max_iv: Annotated[float, Field(gt=0, strict=True)]
    max_overfitting: Share
