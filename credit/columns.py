"""The columns that every prepared table has, whatever the lender calls its own."""

LINE = "line"  # on which line of the file an applicant stands; the header is line 1
BAD = "bad"  # the target: 1 = bad (default), 0 = good
