import pytest


@pytest.fixture(autouse=True)
def always_apart(apart: None) -> None:
    """See nothing of the developer's Git, DVC and MLflow in any test here."""
