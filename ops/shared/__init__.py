"""What several programs around the graph share: words without secrets, signals, the address of MLflow."""
