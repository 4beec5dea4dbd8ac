"""The small repository of the mirror's tests, to read the history of."""

from tests.ops.mirror.conftest import apart, first, small

__all__ = ["apart", "first", "small"]
