"""The second disk: the binary, the tests and what pytest is told, as /brig in the guest."""

import os
import shlex
import shutil
import subprocess

from machine.image import make_disk

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
# Emulated, everything takes ten times as long; a deadline is there for what hangs.
ENVIRONMENT = {"BRIG": "/brig/build/brig", "BRIG_TEST_PROGRAMS": "/brig/programs",
               "BRIG_TEST_PATIENCE": "6"}


def pack(disk, work, binary, sessions):
    """Writes the disk image `disk`; it is put together in the folder `work`. `sessions`: lists of
    a function of guest/run-tests and its arguments."""
    os.makedirs(f"{work}/build")
    shutil.copy(binary, f"{work}/build/brig")
    shutil.copytree(f"{REPOSITORY}/tests", f"{work}/tests",
                    ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache"))
    os.mkdir(f"{work}/docs")
    shutil.copy(f"{REPOSITORY}/docs/engines.md", f"{work}/docs")  # names differences of engines
    os.mkdir(f"{work}/programs")
    compile_programs(f"{work}/programs")
    with open(f"{work}/session", "w") as file:
        file.write(session(sessions))
    make_disk(disk, work, "128M", "-L", "brig-tests")


def compile_programs(folder):
    """The C programs of the integration tests: the guest has no compiler."""
    source = f"{REPOSITORY}/tests/integration"
    for name in os.listdir(source):
        if name.endswith(".c"):
            subprocess.run(["gcc", "-static", "-O1", "-D_GNU_SOURCE", "-o",
                            f"{folder}/{name[:-2]}", f"{source}/{name}"], check=True)
    for suffix in ("64", "32", "x32"):  # nor the kernel's headers
        shutil.copy(f"/usr/include/x86_64-linux-gnu/asm/unistd_{suffix}.h", folder)


def session(sessions):
    """A shell script that sets the environment and calls what is to be run."""
    lines = [f"export {name}={shlex.quote(value)}" for name, value in ENVIRONMENT.items()]
    lines += [" ".join(map(shlex.quote, words)) for words in sessions]
    return "\n".join(lines) + "\n"
