from itertools import product

import numpy as np
import pytest

from credit.model.shared_fits.neighbours import NEIGHBOURS

COUNTS = (7, 1, 25, 26)


@pytest.mark.parametrize(
    "settings", [{}, {"p": 1}, {"metric": "cosine"}, {"algorithm": "kd_tree"}, {"algorithm": "brute"}]
)
def test_fewer_neighbours_are_the_nearest_of_more(settings, coded, check):
    tried = [{**settings, "n_neighbors": n, "weights": w} for n, w in product(COUNTS, ("uniform", "distance"))]
    check("knn", NEIGHBOURS, [{**settings, "n_neighbors": 3}, *tried], coded)


def test_rows_at_no_distance_and_ties_at_the_last_neighbour_are_among_what_is_checked(coded, request):
    distances = np.sort(np.linalg.norm(coded.held_out[:, None] - coded.fitted[None], axis=2), axis=1)
    if request.node.callspec.id == "tied":
        assert (distances[:, 0] == 0).any()
        assert any((distances[:, n - 1] == distances[:, n]).any() for n in COUNTS)
    if request.node.callspec.id == "distinct":
        assert all((distances[:, n - 1] < distances[:, n]).all() for n in COUNTS)


def test_weights_that_there_are_not_are_left_to_scikit_learn():
    assert NEIGHBOURS.key({"n_neighbors": 5, "weights": "far"}) is None
