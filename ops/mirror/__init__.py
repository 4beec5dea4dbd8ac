"""Every run in MLflow: a projection of what Git and DVC hold, which can be made anew at any time."""
