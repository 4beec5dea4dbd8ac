"""Ways to even out good and bad applicants among those a model is fitted to, never among those it is judged by."""

from importlib import import_module
from typing import Any

RESAMPLERS = {
    "none": None,
    "smote": ("imblearn.over_sampling", "SMOTE"),
    "borderline_smote": ("imblearn.over_sampling", "BorderlineSMOTE"),
    "svm_smote": ("imblearn.over_sampling", "SVMSMOTE"),
    "adasyn": ("imblearn.over_sampling", "ADASYN"),
    "smote_tomek": ("imblearn.combine", "SMOTETomek"),
    "smote_enn": ("imblearn.combine", "SMOTEENN"),
    "near_miss": ("imblearn.under_sampling", "NearMiss"),
}


def build_resampler(name: str, seed: int) -> Any | None:
    """Build the imbalanced-learn sampler of that name, one of `RESAMPLERS`; None for `none`."""
    if RESAMPLERS[name] is None:
        return None
    module, kind = RESAMPLERS[name]
    sampler = getattr(import_module(module), kind)()
    return sampler.set_params(random_state=seed) if "random_state" in sampler.get_params() else sampler
