"""The stock of a small shop: what there is, and what has to be ordered."""

import csv


def read_stock(path):
    """Returns the rows of the shop's list, with their numbers as numbers."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["count"] = int(row["count"])
        row["minimum"] = int(row["minimum"])
    return rows


def to_order(rows, reserve=1.0):
    """Return how many of each item are missing to reach its minimum times the reserve."""
    missing = {}
    for row in rows:
        wanted = round(row["minimum"] * reserve)
        if row["count"] < wanted:
            missing[row["name"]] = wanted - row["count"]
    return missing
