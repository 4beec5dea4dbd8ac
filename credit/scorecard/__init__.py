"""The scorecard family as points that are added up by hand."""
