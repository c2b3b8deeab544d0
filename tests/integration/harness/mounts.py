"""/proc/PID/mountinfo, taken apart."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mounted:
    root: str
    point: str
    options: frozenset
    tags: tuple  # "shared:1", "master:2", "unbindable"
    kind: str
    source: str
    super_options: frozenset

    @property
    def propagation(self):
        names = {"shared": "shared", "master": "slave", "unbindable": "unbindable"}
        found = [names[tag.split(":")[0]] for tag in self.tags if not tag.startswith("propagate")]
        return "+".join(found) or "private"


def parse(mountinfo):
    found = []
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        _, _, _, root, point, options, *tags = before.split()
        kind, source, super_options = after.split(" ", 2)
        found.append(Mounted(unescaped(root), unescaped(point), frozenset(options.split(",")),
                             tuple(tags), kind, source, frozenset(super_options.split(","))))
    return found


def unescaped(text):
    return text.encode().decode("unicode_escape")


def top(mountinfo):
    """{mount point: the mount that is seen there}"""
    return {mounted.point: mounted for mounted in parse(mountinfo)}
