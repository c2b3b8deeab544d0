"""rows.md and the tests belong together: each row has its test, each test its row."""

import ast
import glob
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
ROW = re.compile(r"\| ([a-z0-9-]+) \| (.+) \| (.+) \|")


def rows_of(text):
    """[(engine's file, row), ...]"""
    found, file = [], None
    for line in text.splitlines():
        if line.startswith("## "):
            file = "test_" + re.sub("[ -]", "_", line[3:].lower()) + ".py"
        elif line.startswith("| ") and not line.startswith("| row "):
            row = ROW.fullmatch(line)
            assert row, f"not a row: {line}"
            found.append((file, row[1]))
    return found


def in_file(path):
    with open(path) as file:
        functions = ast.parse(file.read()).body
    return [(os.path.basename(path), each.name.removeprefix("test_").replace("_", "-"))
            for each in functions
            if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")]


def test_every_row_has_a_test_and_every_test_a_row():
    with open(os.path.join(HERE, "rows.md")) as file:
        rows = rows_of(file.read())
    paths = glob.glob(os.path.join(HERE, "test_*.py"))
    tests = [each for path in paths if path != os.path.abspath(__file__) for each in in_file(path)]
    assert len(set(rows)) == len(rows), "a row twice"
    assert len(set(tests)) == len(tests), "a test that hides another of its name"
    assert sorted(set(rows) - set(tests)) == [], "rows without a test"
    assert sorted(set(tests) - set(rows)) == [], "tests without a row"


def test_a_row_without_a_test_would_be_seen():
    rows = rows_of("## CRI-O\n| row | a | b |\n|---|---|---|\n| no-such-thing | x | y |\n")
    assert rows == [("test_cri_o.py", "no-such-thing")]
    assert set(rows) - set(in_file(os.path.join(HERE, "test_cri_o.py"))) == set(rows)
