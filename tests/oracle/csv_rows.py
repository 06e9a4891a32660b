"""Read a CSV file with Python's reader: a JSON list of its rows.

usage: python3 csv_rows.py FILE
"""

import csv
import json
import sys

with open(sys.argv[1], newline="", encoding="utf-8") as f:
    rows = list(csv.reader(f, strict=True))

if len({len(row) for row in rows}) != 1:
    sys.exit("rows have not the same number of cells")

json.dump(rows, sys.stdout)
