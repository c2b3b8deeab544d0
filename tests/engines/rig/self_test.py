"""That the comparison can fail, and that columns clear up when they are ended: played before every
run, for a check that cannot fail is none."""

import os
import signal
import time

from rig import column, compare, tree

PAGE = f"""\
{compare.HEADING}

| engine | step | where | brig | runc | why |
|---|---|---|---|---|---|
| docker | one | everywhere | `exit 1` | `exit 2` | a reason |
| docker | two | cgroup v2, docker 26.1 | `a \\| b` | `c` | a reason |

## After it
| docker | three | everywhere | `x` | `y` | not in the section |
"""


def record(outcome="exit 1", failed="", skipped="", left=()):
    return {"outcome": outcome, "failed": failed, "skipped": skipped, "left": list(left)}


VERDICTS = [  # brig's record, runc's, what the page names, what has to come out
    (record(), record(), None, compare.SAME),
    (record(), record("exit 2"), None, compare.DIFFERENT),
    (record(), record("exit 2"), ("exit 1", "exit 2"), compare.NAMED),
    (record(), record("exit 3"), ("exit 1", "exit 2"), compare.DIFFERENT),
    (record(), record(), ("exit 1", "exit 2"), compare.GONE),
    (record(), record(failed="timed out"), None, compare.DIFFERENT),
    (record(failed="x"), record(failed="y"), None, compare.BROKEN),
    (record(left=["mount /x"]), record(left=["mount /x"]), None, compare.LEFT),
    (record(), record(left=["mount /x"]), None, compare.SAME),
    (record(skipped="no"), record(skipped="no"), None, compare.SKIPPED),
    (record(skipped="no"), record(), None, compare.DIFFERENT),
    (None, record(), None, compare.MISSING),
    (record(), None, ("exit 1", "-"), compare.MISSING)]


def run():
    for ours, theirs, named, wanted in VERDICTS:
        found = compare.verdict(ours, theirs, named)
        assert found == wanted, f"{ours} and {theirs}, {named} named: {found}, not {wanted}"
    everywhere = {"one": ("exit 1", "exit 2")}
    assert compare.named_differences(PAGE, set()) == {"docker": everywhere}
    assert compare.named_differences(PAGE, {"cgroup v2", "docker 26.1"}) == {
        "docker": {**everywhere, "two": ("a | b", "c")}}
    try:
        compare.named_differences(PAGE.replace("a reason", ""), set())
        raise AssertionError("a difference without a reason was taken")
    except ValueError:
        pass
    end_lets_columns_clear_up()


def end_lets_columns_clear_up():
    answered, answer = os.pipe()

    def play():
        try:
            tree.exit_on_sigterm(0)
            while True:
                time.sleep(0.01)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            os.write(answer, b"cleared up")
    column.end([tree.forked(play)])
    os.close(answer)
    with os.fdopen(answered, "rb") as reader:
        assert reader.read() == b"cleared up"
