"""Shows that the runner fails when it has to."""

import tap
import verdict

GOOD = """TAP version 13
ok 1 - one
  ---
  { "error": "expected" }
  ...
ok 2 # SKIP linux.sysctl not set
1..2
"""
BAD = """TAP version 13
not ok 1 - container 0c2b1d3e-0000-4000-8000-123456789abc is there
1..1
"""
CUT = "TAP version 13\nok 1 - one\n"
SHORT = "TAP version 13\nok 1 - one\n1..2\n"
SHOULD = """TAP version 13
ok 1 # SKIP a recommendation
  ---
  { "level": "SHOULD" }
  ...
1..1
"""
TODO = "TAP version 13\nnot ok 1 - bind mounts # TODO\n1..1\n"
UNOWNED = """TAP version 13
  ---
  { "error": "hooks in disorder" }
  ...
1..0
"""
BLIND = "TAP version 13\nok 1 # SKIP getcwd did not return an error\n1..1\n"

DEFECT = {"program": "p", "results": ["1 container UUID is there"], "why": "a reason"}
RARE = {**DEFECT, "sometimes": True}
ELSEWHERE = {**DEFECT, "when": "elsewhere"}


def failures(output, *defects, status=0, ran="p", silent=()):
    """How many cases of a program with this output have failed."""
    expected = verdict.Expectations({"programs": ["p"], "silent": silent, "races": {},
                                     "defects": list(defects)}, {"elsewhere": False})
    cases = verdict.judge({ran: verdict.Run(status, tap.parse(output), "")}, expected)
    return sum(case.failed is not None for case in cases)


def run():
    for found, wanted, what in [
            (failures(GOOD), 0, "a good program"),
            (failures(BAD), 1, "a bad result"),
            (failures(BAD, DEFECT), 0, "a known defect"),
            (failures(GOOD, DEFECT), 1, "a known defect that does not occur"),
            (failures(GOOD, RARE), 0, "a rare defect that does not occur"),
            (failures(BAD, RARE), 0, "a rare defect that occurs"),
            (failures(BAD, ELSEWHERE), 1, "a defect of another host"),
            (failures(GOOD, ELSEWHERE), 0, "a defect of another host that does not occur"),
            (failures(GOOD, status=1), 1, "an exit status"),
            (failures(GOOD, status="none"), 1, "a deadline"),
            (failures(CUT), 1, "a report without a plan"),
            (failures(SHORT), 1, "a report that misses a result"),
            (failures(""), 1, "no report"),
            (failures("", silent=["p"]), 0, "no report of a program that has none"),
            (failures(SHOULD), 1, "a recommendation that is not met"),
            (failures(TODO), 1, "a result that is to be done"),
            (failures(UNOWNED), 1, "an error without a result"),
            (failures(BLIND), 1, "a test that could not look"),
            (failures(GOOD, ran="q"), 2, "a program that did not run and an unknown one")]:
        if found != wanted:
            print(f"{what}: {found} failures instead of {wanted}")
            return 1
    return 0
