"""What a seccomp profile means, worked out from its text and the kernel's lists of system calls.

Knows nothing of libseccomp, and of brig only the one thing in which its filters differ from the
text: calls that were added to the kernel after those that a profile names do not exist.
"""

import errno
import itertools
import os
import re

X32 = 0x40000000
# Linux calls uretprobe (335, 6.14) and uprobe (336, 6.18) for itself and asks no filter about them.
NEVER_FILTERED = {335, 336}
PASSED = "passed"
# How a call gets in, in the words of seccomp_calls.c: (entry, the list of numbers, bits of an argument)
ENTRIES = {"x86_64": (64, "64", 64), "x32": (64, "x32", 32), "x86": (32, "32", 32)}
WHOLE = {64: (1 << 64) - 1, 32: (1 << 32) - 1}
OPERATORS = {
    "SCMP_CMP_NE": lambda actual, value, _: actual != value,
    "SCMP_CMP_LT": lambda actual, value, _: actual < value,
    "SCMP_CMP_LE": lambda actual, value, _: actual <= value,
    "SCMP_CMP_EQ": lambda actual, value, _: actual == value,
    "SCMP_CMP_GE": lambda actual, value, _: actual >= value,
    "SCMP_CMP_GT": lambda actual, value, _: actual > value,
    "SCMP_CMP_MASKED_EQ": lambda actual, mask, value: actual & mask == value,
}
DEFINITION = re.compile(r"#define __NR_(\w+) (?:\(__X32_SYSCALL_BIT \+ )?(\d+)\)?$", re.MULTILINE)


def numbers_of(suffix):
    """{name: number} from <asm/unistd_SUFFIX.h>; None where it is not installed."""
    for folder in (os.environ.get("BRIG_TEST_PROGRAMS", ""), "/usr/include/x86_64-linux-gnu/asm",
                   "/usr/include/asm"):
        try:
            with open(os.path.join(folder, f"unistd_{suffix}.h")) as file:
                base = X32 if suffix == "x32" else 0
                return {name: base + int(number) for name, number in DEFINITION.findall(file.read())}
        except FileNotFoundError:
            continue
    return None


def answer(action, number):
    """As seccomp_calls.c puts it."""
    if action == "SCMP_ACT_ERRNO":
        return f"errno {number}"
    if action.startswith("SCMP_ACT_KILL") or action == "SCMP_ACT_TRAP":
        return "signal 31"  # SIGSYS
    return PASSED


class Meaning:
    """A profile as one architecture sees it."""

    def __init__(self, profile, arch):
        self.entry, suffix, self.bits = ENTRIES[arch]
        self.first = X32 if arch == "x32" else 0
        self.default = answer(profile["defaultAction"], profile.get("defaultErrnoRet", errno.EPERM))
        numbers = numbers_of(suffix)
        self.rules = {}
        for rule in profile.get("syscalls", []):
            for name in rule["names"]:
                if name in numbers:
                    self.rules.setdefault(numbers[name], []).append(rule)

    def holds(self, arg, args):
        whole = WHOLE[self.bits]
        return OPERATORS[arg["op"]](args[arg["index"]] & whole, arg["value"] & whole,
                                    arg.get("valueTwo", 0) & whole)

    def matches(self, rule, args):
        """All conditions; those on one argument are alternatives."""
        by_index = {}
        for arg in rule.get("args") or []:
            by_index.setdefault(arg["index"], []).append(self.holds(arg, args))
        return all(any(found) for found in by_index.values())

    def decide(self, number, args):
        """The first rule without conditions counts, then those whose conditions hold. What says
        the same as the default is no rule."""
        if self.default.startswith("errno") and self.rules and number > max(self.rules):
            return f"errno {errno.ENOSYS}"
        always, sometimes = [], set()
        for rule in self.rules.get(number, []):
            said = answer(rule["action"], rule.get("errnoRet", errno.EPERM))
            if said == self.default or not self.matches(rule, args):
                continue
            if rule.get("args"):
                sometimes.add(said)
            else:
                always.append(said)
        found = set(always[:1]) or sometimes or {self.default}
        return " or ".join(sorted(found))  # where rules contradict each other

    def probes(self, number):
        """Arguments that tell the rules for a number apart: what they compare with, the
        neighbours of that, and each bit of a mask."""
        values = {}
        for rule in self.rules.get(number, []):
            for arg in rule.get("args") or []:
                masked = "MASKED" in arg["op"]
                value = arg.get("valueTwo", 0) if masked else arg["value"]
                near = {value - 1, value, value + 1, 0, -1, arg["value"]}
                near |= {value ^ 1 << bit for bit in (range(self.bits) if masked else (31, 32, 63))}
                values.setdefault(arg["index"], set()).update(near)
        known = [sorted({each & WHOLE[self.bits] for each in values.get(index, {0})} | {0})
                 for index in range(6)]
        return itertools.product(*known)

    def calls(self, count):
        """(entry, number, args) for `count` numbers."""
        for number in range(self.first, self.first + count):
            if self.bits == 64 and number in NEVER_FILTERED:
                continue
            for args in self.probes(number):
                yield self.entry, number, args


def differences(profile, arch, seen):
    """`seen` {(entry, number, args): answer}, as (call, meant, answer) where they differ."""
    meaning = Meaning(profile, arch)
    return [(call, meaning.decide(*call[1:]), found) for call, found in seen.items()
            if meaning.decide(*call[1:]) != found]
