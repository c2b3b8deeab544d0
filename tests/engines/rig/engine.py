"""What every engine has in common: a command line, containers with names, and their removal."""

import contextlib
import itertools

from harness.terminal import Terminal
from rig import calls, image, leaks
from rig.place import program


class Engine:
    name = ""
    product = ""          # whose version it is, where that is not its name
    programs = ()         # all of them have to be installed
    own_cgroups = "(?!)"  # a pattern for names of cgroups that the engine keeps below its parent
    mounts_below = "/"    # what is mounted elsewhere is somebody else's
    own_mounts = ()       # ends of the paths of mounts that the engine keeps
    namespaces_of = "self"  # the process whose mounts and network its containers have to do with
    steps = None          # rig.steps.Steps

    def __init__(self, place, runtime):
        """`runtime`: its name and its path."""
        self.place, self.runtime = place, runtime
        self.snapshot = None
        self._names = itertools.count(1)
        self._has_named = False  # since the last clearing up

    # ---- for each engine to say -------------------------------------------------------------

    def start(self):
        """Starts daemons, and loads the image."""

    def stop(self):
        """Stops daemons."""

    def command(self):
        """The words before those of a call."""
        raise NotImplementedError

    def environment(self):
        return self.place.environment()

    def remove_all(self):
        """Removes every container there is."""
        raise NotImplementedError

    def state_roots(self):
        """Folders that hold one entry for each container: the engine's, and the runtime's when
        the engine chooses it."""
        return []

    def daemons(self):
        """The pids of those that a step may have restarted."""
        return set()

    # ---- for steps --------------------------------------------------------------------------

    def __call__(self, *words, env=None, **options):
        """`env`: what is added to the engine's environment; the rest as in rig.calls."""
        environment = {**self.environment(), **(env or {})}
        return calls.call([*self.command(), *words], environment, **options)

    def spawn(self, *words, **options):
        return calls.spawn([*self.command(), *words], self.environment(), **options)

    def new_name(self):
        self._has_named = True
        return f"c{next(self._names)}"

    @contextlib.contextmanager
    def terminal(self, *words, rows=24, columns=80, env=None):
        """The call at a pseudo-terminal, as a person types it."""
        argv = [str(word) for word in [*self.command(), *words]]
        opened = Terminal(argv, env={**self.environment(), **(env or {})}, rows=rows, columns=columns,
                          seconds=calls.DEADLINE)
        try:
            yield opened
        finally:
            opened.close()

    # ---- for the column ---------------------------------------------------------------------

    def begin(self):
        self.start()
        self.snapshot = leaks.Snapshot(self)

    def clear_up(self):
        """Removes what a step made, and returns what is left all the same."""
        if self.has_containers() or self.snapshot.leaks():
            self.remove_all()
            self._has_named = False
        left = self.snapshot.wait_for_none()
        if left:
            self.snapshot.forgive()
        return left

    def has_containers(self):
        """Whether there may be any since the last clearing up."""
        return self._has_named

    def archive(self):
        return image.archive_in(self.place.folder)

    @classmethod
    def missing(cls):
        return [name for name in cls.programs if program(name) is None]

    @classmethod
    def refusal(cls, driver):
        """Why it cannot be played on this machine, where all programs are installed."""
        return ""
