"""Read metrics with prometheus_client's parsers, strictly.

usage: python3 openmetrics.py openmetrics|prometheus FILE
Says a line for each family: NAME TYPE UNIT SAMPLES, "-" for no unit; exits 1
at what is wrong.
"""

import sys

from prometheus_client import parser as prometheus
from prometheus_client.openmetrics import parser as openmetrics


def main(kind, path):
    with open(path, encoding="utf-8", newline="") as f:
        text = f.read()

    if "\r" in text:
        sys.exit("a carriage return")

    seen = set()
    read = {"openmetrics": openmetrics, "prometheus": prometheus}[kind]

    for family in read.text_string_to_metric_families(text):
        if family.name in seen:
            sys.exit(f"family {family.name} twice")
        seen.add(family.name)

        if family.type in ("unknown", "untyped"):
            sys.exit(f"family {family.name} without a type")
        if not family.documentation:
            sys.exit(f"family {family.name} without help")

        print(family.name, family.type, family.unit or "-",
              len(family.samples))


main(*sys.argv[1:])
