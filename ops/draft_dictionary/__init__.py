"""A first data dictionary, guessed from the cells of a table, for a person to finish.

A cell is present unless it is empty or a placeholder. The first rule that fits decides about a column:

1. nothing present, or the same value everywhere: ignored.
2. named like what is known only after the outcome (payments, recoveries, settlement): ignored.
3. dates and times (95 % of the present cells): ignored, with a remark on the format and range that a time would have.
4. numbers (95 %), in whatever form (`12.0`, `$27,571.87`, `1.234,56 €`, `9.76%`, `36 months`), which is written as
   `number`; with leading zeros (`010`) they are text. Where a mark may be of decimals or of thousands (`1,234`), all
   cells decide, then those of the file's other columns; then it is asked.
   a. all different and named, numbered or written like an identifier: ignored.
   b. at most 12 whole numbers that fill a third of their range: codes of a nominal column. Three or more of them
      might as well be ordered, or a count, which only a person can know. If the name says a count, or they begin at 0
      and each is rarer than the one before, numeric.
   c. named like codes (zip, branch) and more of them: nominal without codes.
   d. else numeric. Numbers like -9999 that lie apart are codes for missing. The range is what is possible, for ages,
      years of employment, shares and months; else the observed one.
5. text: intervals, grades and words of a known scale, ordinal in their order; all different, or over half of it,
   ignored; up to 30 levels, nominal with codes; more, nominal without codes.

Of the target, codes that say neither good nor bad (`Current`) are left out of bad_codes and good_codes, and so of every
fit.

Damage is told from data by distance, not by rarity. From the most frequent code (of measured numbers, from the middle
half of the different ones) one walks outwards, and stops at a wide gap with at most 3 % of the cells beyond it. Between
codes a gap is wide from 3 on; between measured numbers when it is wider than all that was walked over. So an amount of
794,000 and the codes 360 or 20 beside 1 to 4 are left out of range and codes, and said so; the long tail of incomes is
not. A rare code without a gap stays, and is marked. So does the end of a range far beyond 98 % of the cells.
"""
