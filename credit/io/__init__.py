"""Files of this project, read and written whole or not at all; the rooms of the domain do not use it."""
