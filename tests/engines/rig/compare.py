"""Two columns side by side: what is the same, what differs, and which differences are named."""

import re

from rig.column import END
from rig.steps import outcome_of

SAME, NAMED, SKIPPED = "same", "named difference", "skipped"
FAILURES = DIFFERENT, GONE, LEFT, BROKEN, MISSING = (
    "DIFFERENT", "NO LONGER DIFFERENT", "LEFT BEHIND", "FAILS WITH BOTH", "NOT PLAYED")
HEADING = "## Named differences"


class Row:
    """One step of one engine, with what came of it in both columns."""

    def __init__(self, engine, step, ours, theirs, named):
        self.engine, self.step, self.ours, self.theirs = engine, step, ours, theirs
        self.seconds = max(record.get("seconds", 0) for record in (ours or {}, theirs or {}))
        self.verdict = verdict(ours, theirs, named)

    @property
    def failed(self):
        return self.verdict in FAILURES

    def details(self):
        """Everything that a reader of a failure needs."""
        lines = [f"{self.engine} {self.step}: {self.verdict}"]
        for name, record in (("brig", self.ours), ("runc", self.theirs)):
            lines.append(f"  {name}: {outcome_of(record)}")
            if record:
                lines += [f"    {line}" for line in record["failed"].splitlines()[:40]]
                lines += [f"    left: {line}" for line in record["left"]]
        return "\n".join(lines)


def verdict(ours, theirs, named):
    """`named`: the pair of outcomes that docs/engines.md gives for this step, or None."""
    if ours is None or theirs is None:
        return MISSING
    if ours["left"]:  # whatever the other leaves
        return LEFT
    outcomes = outcome_of(ours), outcome_of(theirs)
    if named is not None:
        if outcomes[0] == outcomes[1]:
            return GONE
        return NAMED if outcomes == named else DIFFERENT
    if ours["failed"] and theirs["failed"]:
        return BROKEN
    if outcomes[0] != outcomes[1]:
        return DIFFERENT
    return SKIPPED if ours["skipped"] else SAME


def rows(engine, ours, theirs, named):
    """`ours`, `theirs`: the records of the columns; `named`: {step: (outcome, outcome)}."""
    columns = [{record["step"]: record for record in records if "step" in record}
               for records in (ours, theirs)]
    names = dict.fromkeys([*columns[0], *columns[1]])
    names.pop(END, None)  # last, even if one column ended early
    steps = [*names, END]
    return [Row(engine, step, columns[0].get(step), columns[1].get(step), named.get(step))
            for step in steps]


def named_differences(page, facts):
    """{engine: {step: (brig's outcome, runc's outcome)}}, from the table under HEADING.

    A line of the table is `| engine | step | where | brig | runc | why |`; `where` names facts that
    have to hold, separated by commas: "cgroup v1", "podman 4.3". One without a reason is an error.
    """
    found = {}
    section = page.partition(HEADING + "\n")[2].partition("\n## ")[0]
    for line in section.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) != 6 or cells[0] in ("engine", "") or set(cells[0]) <= set("-:"):
            continue
        engine, step, where, ours, theirs, why = cells
        if not why:
            raise ValueError(f"docs/engines.md: {engine} {step}: a difference without a reason")
        conditions = [each.strip() for each in where.split(",")]
        if conditions == ["everywhere"] or all(each in facts for each in conditions):
            found.setdefault(engine, {})[step] = (plain(ours), plain(theirs))
    return found


def plain(cell):
    return cell.strip("`").replace("\\|", "|")
