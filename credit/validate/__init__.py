"""Nested cross-validation of the whole procedure."""
