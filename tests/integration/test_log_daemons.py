"""--log journald:NAME and syslog:NAME, with a socket in the place of the daemon."""

import json
import os
import re
import socket

import pytest

import messages as m
from harness import host, processes

SOCKETS = {"journald": "/run/systemd/journal/socket", "syslog": "/dev/log"}


class Daemon:
    """Listens where the daemon would, in a mount namespace of the caller's own."""

    def __init__(self, bundle, kind):
        self.folder, name = os.path.split(SOCKETS[kind])
        self.made = bundle.folder(kind)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(f"{self.made}/{name}")

    def before(self):
        host.enter_mount_namespace()
        if self.folder.startswith("/run"):
            host.mount("tmpfs", "/run", "tmpfs")
            os.makedirs(self.folder)
        host.mount(self.made, self.folder, None, host.MS_BIND)

    def packet(self):
        processes.wait_readable(self.socket.fileno(), "a packet")
        return self.socket.recv(65536).decode()


@pytest.fixture
def daemon(bundle):
    made = []

    def make(kind):
        made.append(Daemon(bundle, kind))
        return made[-1]
    yield make
    for each in made:
        each.socket.close()


def failing(bundle, daemon, *flags):
    bundle.call(*flags, "state", bundle.id, before=daemon.before).fails(
        m.said("state", bundle.id, m.DOES_NOT_EXIST))
    return f"state '{bundle.id}': {m.DOES_NOT_EXIST}"


@pytest.mark.parametrize("flags, name", [
    (["--log", "journald:web"], "web"), (["--log=journald:"], "brig"), (["--systemd-log"], "brig")])
def test_the_journal_gets_fields(bundle, daemon, flags, name):
    journal = daemon("journald")
    said = failing(bundle, journal, *flags)
    assert journal.packet() == f"PRIORITY=3\nSYSLOG_IDENTIFIER={name}\nMESSAGE={said}\n"


def test_lesser_messages_have_lesser_priorities(bundle, daemon):
    journal = daemon("journald")
    failing(bundle, journal, "--log", "journald:web", "--debug")
    assert re.match(r"PRIORITY=7\nSYSLOG_IDENTIFIER=web\nMESSAGE=version .*, called as ",
                    journal.packet())
    assert journal.packet().startswith("PRIORITY=3\n")


def test_json_stays_json(bundle, daemon):
    journal = daemon("journald")
    said = failing(bundle, journal, "--log", "journald:web", "--log-format", "json")
    message = json.loads(journal.packet().split("MESSAGE=")[1])
    assert message["msg"] == said and message["level"] == "error"


@pytest.mark.parametrize("name", ["web", ""])
def test_syslog_gets_lines(bundle, daemon, name):
    syslog = daemon("syslog")
    said = failing(bundle, syslog, "--log", f"syslog:{name}")
    assert re.fullmatch(rf"<11>{name or 'brig'}\[\d+\]: {re.escape(said)}", syslog.packet())


@pytest.mark.parametrize("kind", SOCKETS)
def test_a_daemon_that_does_not_listen_is_an_error(bundle, daemon, kind):
    nobody = daemon(kind)
    os.unlink(os.path.join(nobody.made, os.path.basename(SOCKETS[kind])))
    bundle.call("--log", f"{kind}:web", "list", before=nobody.before).fails(
        f"brig: --log {kind}:web: connect to {SOCKETS[kind]}: no such file or directory (ENOENT)")
