"""What several programs around the graph share: words without secrets, signals, Git, the address of MLflow."""
