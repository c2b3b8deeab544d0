"""--log journald: and syslog: with the real journal."""

import json
import subprocess

import pytest

import messages as m


def entries(name):
    subprocess.run(["journalctl", "--sync"], check=True)
    said = subprocess.run(["journalctl", "-t", name, "-o", "json"], check=True,
                          capture_output=True, text=True).stdout
    return [json.loads(line) for line in said.splitlines()]


@pytest.mark.parametrize("kind", ["journald", "syslog"])
def test_the_journal_keeps_what_was_logged(bundle, kind):
    name = f"{kind}-{bundle.id}"
    bundle.call("--log", f"{kind}:{name}", "state", bundle.id).fails(
        m.said("state", bundle.id, m.DOES_NOT_EXIST))
    entry, = entries(name)
    assert entry["MESSAGE"] == f"state '{bundle.id}': {m.DOES_NOT_EXIST}"
    assert (entry["PRIORITY"], entry["SYSLOG_IDENTIFIER"]) == ("3", name)
    assert entry.get("_COMM", "brig") == "brig"  # missing if it had ended when journald looked


def test_several_lines_are_one_entry(bundle):
    name = f"lines-{bundle.id}"
    bundle.configure({"process.cwd": "tmp", "process.args": []})
    failed = bundle.call("--log", f"journald:{name}", "create", "--bundle", bundle.path, bundle.id)
    entry, = entries(name)
    assert failed.status == 1 and entry["MESSAGE"].count("\n") >= 1
    assert entry["MESSAGE"] == failed.stderr.removeprefix("brig: ").rstrip("\n")
