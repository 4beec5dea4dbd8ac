"""A first data dictionary, guessed from the cells of a table, for a person to finish.

A cell is present unless it is empty or a placeholder. The first rule that fits decides about a column:

1. nothing present, or the same value everywhere: ignored.
2. dates and times (95 % of the present cells): ignored, with a remark on the format and range that a time would have.
3. numbers (95 %), however an integer is written (`12.0`); but with leading zeros (`010`) they are text.
   a. all different and named, numbered or written like an identifier: ignored.
   b. at most 12 whole numbers that fill a third of their range: codes of a nominal column. Three or more of them
      might as well be ordered, or a count, which only a person can know. If the name says a count, numeric.
   c. named like codes (zip, branch) and more of them: nominal without codes.
   d. else numeric, its range the observed one.
4. numbers written with decimal commas, signs of currency or percent: ignored, for they cannot be read.
5. text: all different, or over half of it, ignored; up to 30 levels, nominal with codes; more, nominal without codes.

Damage is told from data by distance, not by rarity. From the most frequent code (of measured numbers, from the middle
half of the different ones) one walks outwards, and stops at a wide gap with at most 3 % of the cells beyond it. Between
codes a gap is wide from 3 on; between measured numbers when it is wider than all that was walked over. So an age of 794
and the codes 360 or 20 beside 1 to 4 are left out of range and codes, and said so; the long tail of incomes is not.
A rare code without a gap stays, and is marked. So does the end of a range far beyond 98 % of the cells.
"""
