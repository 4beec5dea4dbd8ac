"""What the stages share: how they run, and tables of out-of-fold PDs."""
