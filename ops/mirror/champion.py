"""Load a registered model: the champion, the challenger, any version; only if it is the file that was registered."""

import hashlib
import pickle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from credit.core.errors import InputError
from ops.mirror.model_format import SKOPS, load_skops, model_file
from ops.mirror.models import FILE_SHA256, FORMAT
from ops.mirror.registry import CHAMPION
from ops.mirror.store import REGISTERED

if TYPE_CHECKING:
    from mlflow import MlflowClient


def load_registered(client: "MlflowClient", alias: str = CHAMPION) -> Any:
    """Load the model that has an alias, as it was saved: it has `predict_proba`, `predict` and `threshold`.

    A file in skops is loaded with our own list of trusted types; a pickle, which can run anything, only by its hash.

    Raises
    ------
    InputError
        The registry's file is not there, or not the one that was registered.
    """
    from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

    version = client.get_model_version_by_alias(REGISTERED, alias)
    with TemporaryDirectory() as folder:
        place = client.get_logged_model(version.source.removeprefix("models:/")).artifact_location
        layout = get_artifact_repository(place, tracking_uri=client.tracking_uri).download_artifacts("", folder)
        file = model_file(Path(layout))
        content = file.read_bytes()
        sha256 = hashlib.sha256(content).hexdigest()
        if sha256 != version.tags[FILE_SHA256]:
            raise InputError(
                f"{REGISTERED}@{alias}, version {version.version}: expected {file.name} with the sha256 "
                f"{version.tags[FILE_SHA256]}, got {sha256}; it is not loaded"
            )
        return load_skops(file) if version.tags[FORMAT] == SKOPS else pickle.loads(content)
