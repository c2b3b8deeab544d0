"""A step: a function that plays something to an engine and returns what came of it as a text."""

import time
import traceback

from harness import processes


class NotHere(Exception):
    """Neither runtime can do the step with this engine on this machine; the text says why."""


class Steps:
    """The steps of one engine, in the order of their definition.

        steps = Steps()

        @steps.step
        def exit_code(engine):
            return engine("run", "--rm", IMAGE, "sh", "-c", "exit 32").exits(32).failure
    """

    def __init__(self, *others):
        """Begins with the steps of `others`."""
        self.functions = {}
        for other in others:
            self.functions.update(other.functions)

    def without(self, *names):
        for name in names:
            del self.functions[name]
        return self

    def step(self, function):
        name = function.__name__.strip("_").replace("_", "-")
        assert name not in self.functions, f"two steps are called {name}"
        self.functions[name] = function
        return function


def one_line(text):
    """An outcome is a cell of a table."""
    return " / ".join(" ".join(line.split()) for line in text.splitlines())


def played(name, function, engine):
    """The record of one step, which is all that leaves the column."""
    started = time.monotonic()
    record = {"step": name, "outcome": "", "failed": "", "skipped": "", "left": []}
    try:
        record["outcome"] = one_line(function(engine) or "done")
    except NotHere as reason:
        record["skipped"] = str(reason)
    except (AssertionError, processes.TimedOut) as failure:
        record["failed"] = str(failure)
    except Exception:  # a bug of the step is a failure of the step, and the next one still runs
        record["failed"] = traceback.format_exc()
    try:
        record["left"] = engine.clear_up()
    except Exception:  # nor does the end of one step keep the next from being played
        record["left"] = [traceback.format_exc()]
    record["seconds"] = time.monotonic() - started
    return record


def outcome_of(record):
    """What the table shows of it; None: the step was not played."""
    if record is None:
        return "-"
    if record["skipped"]:
        return f"skipped: {record['skipped']}"
    return "fails" if record["failed"] else record["outcome"]
