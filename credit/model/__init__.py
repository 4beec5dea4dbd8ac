"""How a family is searched, fitted, calibrated and blended."""
