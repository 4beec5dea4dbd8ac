"""Pictures of hard inputs can be read: long names, one group and very many, nothing at all, a handful of applicants."""

import pytest
from matplotlib.figure import Figure

from tests.pictures import hard_models, hard_tables
from tests.pictures.legible import assert_legible

pytestmark = pytest.mark.slow
PICTURES = hard_tables.PICTURES | hard_models.PICTURES


@pytest.mark.parametrize("name", PICTURES)
def test_it_can_be_read(name):
    made = PICTURES[name]()
    for figure in [made] if isinstance(made, Figure) else made:
        assert_legible(figure)
