"""What the graph costs: `python -m ops.bench`."""
