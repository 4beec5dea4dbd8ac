"""Credit risk: the domain. Nothing here reads or writes a file, or knows of DVC."""
