"""An MLflow tracking server that several people can share. See `__main__` and README.md."""
