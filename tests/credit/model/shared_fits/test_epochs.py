import pytest

from credit.core.families import build_estimator
from credit.model.shared_fits.epochs import EPOCHS


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden_layer_sizes": [4]},
        {"hidden_layer_sizes": [3, 2], "alpha": 3.0, "learning_rate_init": 0.01, "activation": "tanh"},
        {"solver": "sgd", "learning_rate": "adaptive", "learning_rate_init": 0.1, "hidden_layer_sizes": [4]},
        {"batch_size": 50, "shuffle": False, "hidden_layer_sizes": [4]},
    ],
)
def test_a_shorter_training_is_the_beginning_of_a_longer_one(settings, coded, check):
    check("mlp", EPOCHS, [{**settings, "max_iter": epochs} for epochs in (5, 1, 30)], coded)


def test_a_training_that_ends_of_itself_is_the_end_of_all_longer_ones(coded, check):
    settings = {"hidden_layer_sizes": [4], "tol": 0.05, "n_iter_no_change": 3, "learning_rate_init": 0.01}
    whole = build_estimator("mlp", {**settings, "max_iter": 500}, 7).fit(coded.fitted, coded.fitted_bad)
    assert whole.n_iter_ < 400
    check("mlp", EPOCHS, [{**settings, "max_iter": epochs} for epochs in (2, whole.n_iter_, 400, 500)], coded)


@pytest.mark.parametrize("settings", [{"solver": "lbfgs"}, {"early_stopping": True}])
def test_trainings_without_such_epochs_are_fitted_each_for_itself(settings):
    assert EPOCHS.key({**settings, "max_iter": 10}) is None
