"""How good PDs and decisions are: discrimination, calibration, cost; and the cutoff that costs least."""
