"""Reads what a program of the suite prints: results in the Test Anything Protocol."""

import re
from dataclasses import dataclass, field

RESULT = re.compile(r"(?P<verdict>ok|not ok) (?P<number>\d+)(?: -)? ?(?P<text>.*)$")
PLAN = re.compile(r"1\.\.(?P<count>\d+)$")
DIRECTIVE = re.compile(r"\s*# (?P<word>SKIP|TODO)\b\s*(?P<why>.*)$")

# What is different each time that a program runs.
VARYING = [(re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "UUID"),
           (re.compile(r"\S*/ocitest\d+"), "BUNDLE"), (re.compile(r"\[\d{10}\]"), "[INODE]"),
           (re.compile(r"/proc/\d+/"), "/proc/PID/")]


ERROR = re.compile(r"(?<!\\)\"error\":")
UNOWNED = "an error without a result"


@dataclass
class Result:
    text: str
    passed: bool
    skipped: str = None  # why
    details: list = field(default_factory=list)  # lines


@dataclass
class Report:
    results: list
    planned: bool  # whether it said how many results there are, and they are there


def without_what_varies(text):
    for pattern, name in VARYING:
        text = pattern.sub(name, text)
    return text


def result_of(match):
    text, skipped = match["text"], None
    directive = DIRECTIVE.search(text)
    if directive:
        text = text[:directive.start()] or directive["why"]
        skipped = f"{directive['word'].lower()}: {directive['why'] or text}"
    return Result(without_what_varies(text), match["verdict"] == "ok", skipped)


def parse(output):
    """Some programs print several reports. An error that no result line belongs to is a failure:
    some have no other way to say so."""
    results, plans, block = [], [], None
    owner = None  # the result that a block of details belongs to: the one right before it
    for line in output.splitlines():
        if block is not None:
            block.append(line)
            if line.strip() == "...":
                keep_block(block, owner, results)
                block, owner = None, None
        elif line.strip() == "---":
            block = []
        elif match := RESULT.match(line):
            owner = result_of(match)
            results.append(owner)
        elif match := PLAN.match(line):
            plans.append(int(match["count"]))
    numbered = sum(1 for result in results if result.text != UNOWNED)
    return Report(results, bool(plans) and sum(plans) == numbered and block is None)


def keep_block(block, owner, results):
    if owner:
        owner.details = block[:-1]
    elif any(ERROR.search(line) for line in block):
        results.append(Result(UNOWNED, False, None, block[:-1]))
