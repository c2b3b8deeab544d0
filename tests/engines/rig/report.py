"""The table for people, and the JUnit report for tools/tally."""

import xml.etree.ElementTree as ElementTree

from rig.compare import SKIPPED
from rig.steps import outcome_of

WIDTH = 44


def print_table(rows):
    print(f"{'engine':<17}{'step':<38}{'brig':<{WIDTH}}{'runc':<{WIDTH}}{'s':>5}  ")
    for row in rows:
        ours, theirs = short(outcome_of(row.ours)), short(outcome_of(row.theirs))
        if ours == theirs and not row.failed:
            theirs = "the same"
        print(f"{row.engine:<17}{row.step:<38}{ours:<{WIDTH}}{theirs:<{WIDTH}}{row.seconds:5.1f}  "
              f"{row.verdict}")


def short(text):
    return text if len(text) < WIDTH else text[:WIDTH - 4] + "..."


def write_junit(path, rows, cannot=()):
    """`cannot`: (engine, reason) of each engine that could not be played here."""
    suite = ElementTree.Element("testsuite", name="engines")
    for row in rows:
        case = ElementTree.SubElement(suite, "testcase", classname=row.engine, name=row.step,
                                      time=f"{row.seconds:.3f}")
        if row.failed:
            ElementTree.SubElement(case, "failure", message=row.verdict).text = row.details()
        elif row.verdict == SKIPPED:
            ElementTree.SubElement(case, "skipped", message=row.ours["skipped"])
    for engine, reason in cannot:
        case = ElementTree.SubElement(suite, "testcase", classname=engine, name="every step")
        ElementTree.SubElement(case, "skipped", message=reason)
    ElementTree.ElementTree(suite).write(path, encoding="unicode", xml_declaration=True)
