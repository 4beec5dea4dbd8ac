"""What a model goes by, reasons of one applicant, and what would have changed a decision."""
