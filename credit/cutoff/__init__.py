"""What a cutoff does: approvals, score bands, and how the best one moves with costs and population."""
