"""Whether MLflow can be reached and used, and if not, at which step and why."""
