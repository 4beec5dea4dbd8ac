"""Candidates of one family that share a fit, bit for bit as if each were fitted for itself."""
