"""Checks of data, split, model and decisions: each a pure function that returns what it found as one record."""
