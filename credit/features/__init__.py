"""What models see of an applicant: the feature plan, derived features, weights of evidence, preprocessing."""
