"""What every phase uses: errors, records, the data dictionary, the split, levels, families, intervals, style."""
