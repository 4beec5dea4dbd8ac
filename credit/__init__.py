"""Credit risk: the domain. Only `credit.io` and the sources in `credit.data` read or write files."""
