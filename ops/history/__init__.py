"""What Git and DVC know of past runs: the revisions with results, their locks and what they found."""
