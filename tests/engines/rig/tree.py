"""The processes of a column: a reaper, the player below it, and what engines leave to the reaper.

An engine's monitors are daemons, whose parent is the machine's init; Podman takes one that has ended
and was not waited for to be alive. In a column the reaper is that parent and waits for everything at
once, while the player waits for its own children only.
"""

import os
import signal
import sys

from harness import host, processes

_reaper = None  # the reaper above this player


def play_below_a_reaper(play):
    """Calls `play` in a child and returns its exit status, with nothing left of what it started."""
    global _reaper
    host.become_subreaper()
    _reaper = os.getpid()
    player = forked(play)
    on_sigterm(lambda *_: os.kill(player, signal.SIGTERM))
    status = reap_until(player)
    while left := orphans():
        for pid in left:
            processes.kill(pid)
            processes.wait_dead(pid)
        processes.reap()
    return status


def forked(play):
    """Plays in a child, which SIGTERM does not reach before the child says that it can clear up;
    returns its pid. Python forgets what arrives in a child that it has not got ready yet."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    pid = os.fork()
    if pid == 0:
        run_and_exit(play)
    signal.pthread_sigmask(signal.SIG_SETMASK, before)
    return pid


def on_sigterm(handler):
    signal.signal(signal.SIGTERM, handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})


def exit_on_sigterm(status):
    """By an exception, and only once: whoever signals a whole group must not disturb the clearing
    up."""
    def leave(*_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        sys.exit(status)
    on_sigterm(leave)


def run_and_exit(play):
    status = 1
    try:
        play()
        status = 0
    except SystemExit:
        pass
    finally:
        os._exit(status)


def reap_until(player):
    while True:
        pid, status = os.wait()
        if pid == player:
            return os.waitstatus_to_exitcode(status)


def orphans():
    """{pid: command line} of what lives below the reaper, or without one below this process."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = processes.stat_fields(name)
            if fields is not None and fields[0] not in "ZX":
                parents[int(name)] = int(fields[1])
    top = _reaper or os.getpid()
    found, grew = {top}, True
    while grew:
        more = {pid for pid, above in parents.items() if above in found} - found
        found |= more
        grew = bool(more)
    return {pid: processes.command_line(pid) for pid in found - {top, os.getpid()}}
