"""What several tests draw with hypothesis."""

import numpy as np
from hypothesis import strategies as st


@st.composite
def both_kinds(draw, steps: int, rows: int):
    """Outcomes of both kinds and PDs in so many steps, so with many ties; two applicants and up to `rows` more."""
    step = st.integers(0, steps)
    more = draw(st.lists(st.tuples(st.integers(0, 1), step), max_size=rows))
    bad, scores = np.array([(0, draw(step)), (1, draw(step)), *more]).T
    return bad, scores / steps
