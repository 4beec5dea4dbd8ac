"""What is looked at in the training applicants before anything is fitted."""
