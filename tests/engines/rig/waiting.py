"""Waiting for what an engine says: each look costs a process, so not too often."""

import select
import time

from harness import host
from harness.processes import TimedOut

PERIOD = 0.05


def until(condition, what, seconds):
    deadline = time.monotonic() + seconds * host.PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise TimedOut(f"not within {seconds * host.PATIENCE:.0f} s: {what}")
        select.select([], [], [], PERIOD)
