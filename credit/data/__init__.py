"""A lender's table, from delimited text to values that the data dictionary allows, an applicant a row."""
