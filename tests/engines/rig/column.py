"""One column of the table: an engine with one runtime, from its start to its end, in a process."""

import json
import os
import signal
import sys
import time
import traceback

from harness import host, processes
from rig import leaks, steps, tree
from rig.daemons import DidNotStart
from rig.place import CannotRun, Place

END = "the end"  # the step that is recorded after the engine has stopped


def play(engine_class, runtime, options, wanted):
    """Plays the steps `wanted(name)` and writes one record for each into the column's file; with
    --verbose one line for each to the output."""
    name = f"{engine_class.name}-{runtime[0]}"
    place = Place(name, options.results, options.driver)
    with open(record_path(options.results, name), "w") as file:
        def write(record):
            file.write(json.dumps(record) + "\n")
            file.flush()
            if options.verbose and "step" in record:
                print(f"{name:<22}{record['seconds']:6.1f} s  {record['step']}: "
                      f"{steps.outcome_of(record)}", flush=True)
        tree.exit_on_sigterm(1)
        try:
            place.enter()
            play_all(engine_class(place, runtime), write, wanted)
        except CannotRun as reason:
            write({"cannot": str(reason)})
        except DidNotStart as reason:
            write({"error": str(reason)})
        except Exception:
            write({"error": traceback.format_exc()})
        finally:
            place.leave()


def play_all(engine, write, wanted):
    started = time.monotonic()
    empty = leaks.Snapshot(engine)
    try:
        engine.begin()
        write({"version": engine.version(), "seconds": time.monotonic() - started})
        for name, function in engine.steps.functions.items():
            if wanted(name):
                write(steps.played(name, function, engine))
    finally:
        engine.stop()
    started = time.monotonic()
    left = empty.wait_for_none()
    write({"step": END, "outcome": "nothing is left", "failed": "", "skipped": "", "left": left,
           "seconds": time.monotonic() - started})


def record_path(results, name):
    return os.path.join(results, f"{name}.records")


def start(engine_class, runtime, options, wanted):
    """Plays the column in a child; returns its pid."""
    sys.stdout.flush()
    return tree.forked(lambda: tree.play_below_a_reaper(
        lambda: play(engine_class, runtime, options, wanted)))


def end(pids, seconds=60):
    """Has columns clear up and end, and waits for them."""
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    for pid in pids:
        try:
            processes.wait_exit(pid, seconds * host.PATIENCE)
        except processes.TimedOut:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def records(results, name):
    try:
        with open(record_path(results, name)) as file:
            return [json.loads(line) for line in file]
    except FileNotFoundError:
        return []
