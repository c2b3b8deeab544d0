"""docs/threat-model.md names, for each promise, tests that exist; and every test here."""

import ast
import os
import re

from harness import host

TESTS = os.path.join(host.REPOSITORY, "tests")
NAMED = re.compile(r"`(?:(\w+)::)?(test_\w+)`")


def functions_of(path):
    with open(path) as file:
        return {node.name for node in ast.walk(ast.parse(file.read()))
                if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def names_in(folder):
    """{"test_file::test_name"}"""
    directory = os.path.join(TESTS, folder)
    return {f"{name[:-3]}::{test}" for name in os.listdir(directory)
            if name.startswith("test_") and name.endswith(".py")
            for test in functions_of(os.path.join(directory, name))}


def named_in_the_document():
    """A file is named once in a row of the table; the tests after it are in the same one."""
    found = set()
    with open(os.path.join(host.REPOSITORY, "docs", "threat-model.md")) as document:
        for line in document:
            file = None
            for in_file, test in NAMED.findall(line):
                file = in_file or file
                found.add(f"{file}::{test}")
    return found


def test_every_test_that_is_named_exists():
    unknown = named_in_the_document() - names_in("security") - names_in("integration")
    assert unknown == set()


def test_every_security_test_is_named():
    own = {name for name in names_in("security") if not name.startswith("test_threat_model::")}
    assert own - named_in_the_document() == set()


def test_a_missing_name_would_be_noticed():
    assert NAMED.findall("`test_races::test_no_such_test` and `test_other`") == [
        ("test_races", "test_no_such_test"), ("", "test_other")]
    assert "test_races::test_no_such_test" not in names_in("security")
