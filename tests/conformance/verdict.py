"""What the results mean, given the list of known defects of the suite."""

import json
import os
import re
from dataclasses import dataclass
from xml.etree import ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
ENDED = "the program ends well"
REPORTED = "the program reports what it planned"
COULD_NOT_LOOK = re.compile("did not return an error|is not readable|unrecognized|unable to")


@dataclass
class Case:
    program: str
    name: str
    failed: str = None   # why
    skipped: str = None  # why


class Expectations:
    """What known-defects.json says; README.md describes its members."""

    def __init__(self, document, facts):
        self.programs = set(document["programs"])
        self.silent = set(document["silent"])
        self.races = set(document["races"])
        self.known, self.certain = {}, set()
        for defect in document["defects"]:
            if "when" in defect and not facts[defect["when"]]:
                continue
            for result in defect["results"]:
                self.known[(defect["program"], result)] = defect["why"]
                if not defect.get("sometimes"):
                    self.certain.add((defect["program"], result))


def load(facts):
    with open(os.path.join(HERE, "known-defects.json")) as file:
        return Expectations(json.load(file), facts)


@dataclass
class Run:
    """Of one program."""
    status: int
    report: object  # of tap.parse
    stderr: str


def is_left_out(result):
    """The suite skips what the configuration does not ask for. It also calls it skipped when a
    SHOULD is not met, and when it could not look."""
    if not result.skipped or result.skipped.startswith("todo"):
        return False
    says_level = any('"level"' in line for line in result.details)
    return not says_level and not COULD_NOT_LOOK.search(result.text)


def results_of(run, silent):
    """[(name, whether it is good, what there is to say)] of one program."""
    for number, result in enumerate(run.report.results, 1):
        if not is_left_out(result):
            yield (f"{number} {result.text}", result.passed and not result.skipped,
                   "\n".join(result.details))
    yield ENDED, run.status == 0, f"exit status {run.status}\n{run.stderr}"
    if not silent:
        yield REPORTED, run.report.planned, "the report is incomplete"


def judge_program(program, run, expected):
    seen = set()
    for name, good, details in results_of(run, program in expected.silent):
        why = expected.known.get((program, name))
        if good:
            yield Case(program, name)
        elif why is not None:
            seen.add((program, name))
            yield Case(program, name, skipped=f"known defect of the suite: {why}")
        else:
            yield Case(program, name, failed=details)
    for _, name in sorted(known for known in expected.certain - seen if known[0] == program):
        yield Case(program, f"{name}: occurs", failed="a known defect no longer occurs")


def is_good(program, run, expected):
    return all(case.failed is None for case in judge_program(program, run, expected))


def judge(runs, expected):
    """The cases of all programs. `runs` is {PROGRAM: Run}."""
    cases = []
    for program in sorted(expected.programs | set(runs)):
        if program not in runs:
            cases.append(Case(program, "runs", failed="the program did not run"))
        elif program not in expected.programs:
            cases.append(Case(program, "runs", failed="the program is not in known-defects.json"))
        else:
            cases.extend(judge_program(program, runs[program], expected))
    return cases


def write_junit(cases, path):
    root = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(root, "testsuite", name="conformance")
    for case in cases:
        element = ElementTree.SubElement(suite, "testcase", classname=case.program, name=case.name)
        if case.failed is not None:
            ElementTree.SubElement(element, "failure").text = printable(case.failed)
        elif case.skipped is not None:
            ElementTree.SubElement(element, "skipped", message=printable(case.skipped))
    ElementTree.ElementTree(root).write(path)


def printable(text):
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)
