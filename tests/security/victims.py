"""Whom the hostile bundles are played to: brig, and runtimes that are known to fall for them.

A test here describes an attack and says what would be harm (`victim.unharmed`). Played to brig
there must be none. Played to a runtime named by `@pytest.mark.known_vulnerable` there must be
harm, or the test proves nothing.
"""

import os
import shutil
import subprocess

import pytest
from harness import host, processes
from harness.bundle import Bundle

HERE = os.path.dirname(os.path.abspath(__file__))
# That of Debian 12, whose flaws are known; a newer one would not be harmed. Its crun, which has
# some of the others, does not start containers on today's hosts.
RUNC, RUNC_VERSION = "/usr/sbin/runc", "1.1.5+ds1"
PYTHON = "/usr/bin/python3"


class Harmed(AssertionError):
    """The attack had an effect."""


def program_of(name):
    """The file that is executed, and the first of its arguments."""
    if name == "brig":
        return [host.BRIG]
    if name == "naive":
        return [PYTHON, os.path.join(HERE, "naive.py")]
    if not os.access(RUNC, os.X_OK):
        pytest.skip(f"{RUNC} is not installed: nothing shows that this test can fail")
    said = subprocess.run([RUNC, "--version"], capture_output=True, text=True, check=True).stdout
    if RUNC_VERSION not in said.splitlines()[0]:
        pytest.skip(f"{RUNC} is not {RUNC_VERSION}: nothing shows that this test can fail")
    return [RUNC]


class Victim:
    def __init__(self, name, program):
        self.name, self.bundles = name, []
        first = Bundle()
        # Attacks aim at the runtime's own file, which must not be the host's.
        self.program = [shutil.copy(program[0], f"{first.path}/runtime"), *program[1:]]
        self.bundle = self.another(first)

    def another(self, bundle=None, **options):
        """A bundle of a further container of the same runtime."""
        bundle = bundle or Bundle(**options)
        bundle.runtime.program = self.program
        os.link(host.compiled("hostile", os.path.join(HERE, "hostile.c")),
                bundle.inside("hostile"))
        self.bundles.append(bundle)
        return bundle

    def unharmed(self, condition, evidence=""):
        if not condition:
            raise Harmed(f"{self.name} was harmed: {evidence}")

    # ---- attacks ----------------------------------------------------------------------------

    def run(self, *args, changes=None, without=(), bundle=None, **options):
        bundle = bundle or self.bundle
        bundle.configure({"process.args": list(args), **(changes or {})}, without)
        return bundle.run(**options)

    def running(self, *args, changes=None, without=(), bundle=None, flags=(), **options):
        """A container in the background; its output grows in what is returned."""
        bundle = bundle or self.bundle
        bundle.configure({"process.args": list(args), **(changes or {})}, without)
        outcome = bundle.run("--detach", "--pid-file", bundle.pid_file, *flags, **options)
        assert outcome.status == 0, str(outcome)
        return outcome

    def exec(self, *args, flags=(), **options):
        return self.bundle.call("exec", *flags, self.bundle.id, *args, **options)

    # ---- what must stay as it is ------------------------------------------------------------

    def canary(self):
        """A directory of the host that no container has any business in."""
        folder = self.bundle.folder("canary")
        self.bundle.file("canary/secret", "of the host")
        return Canary(folder)

    def identity(self):
        """Device, inode: what the runtime's own file is recognised by."""
        file = os.stat(self.program[0])
        return str(file.st_dev), str(file.st_ino)

    def own_file(self):
        file = os.stat(self.program[0])
        return file.st_size, file.st_mtime_ns, file.st_mode, file.st_uid


class Canary:
    def __init__(self, folder):
        self.path = folder
        self.before = inventory(folder)

    def is_untouched(self):
        return inventory(self.path) == self.before

    def __str__(self):
        return f"was {self.before}\nis {inventory(self.path)}"


def inventory(folder):
    found = {}
    for directory, names, files in os.walk(folder):
        for name in [".", *names, *files]:
            path = os.path.join(directory, name)
            entry = os.lstat(path)
            found[path] = (entry.st_ino, entry.st_mode, entry.st_uid, entry.st_gid,
                           entry.st_size, entry.st_mtime_ns)
    return found


class Swapper:
    """A sibling container that exchanges two names of a shared volume as fast as it can."""

    def __init__(self, one, other):
        self.child = subprocess.Popen([host.compiled("hostile", os.path.join(HERE, "hostile.c")),
                                       "swap", one, other])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        processes.kill(self.child.pid)
        self.child.wait()
