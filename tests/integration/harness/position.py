"""Where a JSON path leads in a text: the reference for the LINE:COLUMN of error messages."""

import json
import re

_TOKEN = re.compile(r'\s*([\[\]{}:,]|"(?:[^"\\]|\\.)*"|[^\s\[\]{}:,]+)')
_STEP = re.compile(r'\.?([A-Za-z0-9_]+)|\[(\d+)\]|\["([^"]*)"\]')


def steps(path):
    """'linux.sysctl["a.b"][3]' -> ['linux', 'sysctl', 'a.b', 3]"""
    return [int(index) if index else name or key for name, index, key in _STEP.findall(path)]


def offsets(text):
    """{path as a tuple: offset of the value's first byte} for every value of a JSON text."""
    tokens = [(match.group(1), match.start(1)) for match in _TOKEN.finditer(text)]
    found = {}

    def value(at, path):
        token, found[path] = tokens[at]
        if token == "{":
            at += 1
            while tokens[at][0] != "}":
                at = value(at + 2, (*path, json.loads(tokens[at][0])))
                at += tokens[at][0] == ","
        elif token == "[":
            at, index = at + 1, 0
            while tokens[at][0] != "]":
                at = value(at, (*path, index))
                at += tokens[at][0] == ","
                index += 1
        return at + 1

    value(0, ())
    return found


def line_and_column(text, path):
    """As the runtime gives it: of the value, or of the deepest part of the path that exists."""
    known, wanted = offsets(text), tuple(steps(path))
    while wanted not in known:
        wanted = wanted[:-1]
    offset = known[wanted]
    return f"{text.count(chr(10), 0, offset) + 1}:{offset - text.rfind(chr(10), 0, offset)}"
