"""What a decision is: an application by the dictionary's rules, its PD, proposal, reasons or refusal; no I/O."""
