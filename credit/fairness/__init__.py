"""How protected groups are decided on."""
