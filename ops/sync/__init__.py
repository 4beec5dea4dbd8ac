"""Data before and after a run: pulled from the DVC remotes, pushed to them, verified on them. See `__main__`."""
