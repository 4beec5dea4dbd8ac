"""Which family is best, and how it does on the test applicants."""
