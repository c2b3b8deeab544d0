"""github.com/containerd/go-runc: containerd's shim and BuildKit call the runtime through it."""

import os

import golang
from engine import combined_output, environment, read
from harness import host


class GoRunc:
    """Its command lines, in its order, for the container of a bundle."""

    def __init__(self, bundle, log=None, systemd=False, cwd=None, env=None):
        self.bundle, self.cwd = bundle, cwd
        self.log = log or f"{bundle.path}/log.json"
        self.flags = ["--root", bundle.state_root, "--log", self.log, "--log-format", "json",
                      *(["--systemd-cgroup"] if systemd else [])]
        self.env = environment(env)
        self.env.pop("NOTIFY_SOCKET", None)

    def argv(self, *words):
        return [host.BRIG, *self.flags, *words]

    def call(self, *words, **options):
        """runOrError and cmdOutput: the output of both streams, after their end of file."""
        return combined_output(self.argv(*words), env=self.env, cwd=self.cwd, **options)

    # ---- what each method of its Runc calls -------------------------------------------------

    def create_words(self, *flags, pid_file=None):
        return ["create", "--bundle", self.bundle.path,
                "--pid-file", os.path.abspath(pid_file or self.bundle.pid_file), *flags,
                self.bundle.id]

    def create(self, *flags, **options):
        """CreateOpts without IO: nil streams, and so a buffer for both."""
        said = self.call(*self.create_words(*flags), **options)
        if said.status == 0:
            self.bundle.expect()
        return said

    def start(self):
        return self.call("start", self.bundle.id)

    def exec_words(self, process_file, pid_file, *flags):
        return ["exec", "--process", process_file, *flags, "--detach",
                "--pid-file", os.path.abspath(pid_file), self.bundle.id]

    def kill(self, number, all_of_them=False):
        return self.call("kill", *(["--all"] if all_of_them else []), self.bundle.id, str(number))

    def delete(self, force=False):
        return self.call("delete", *(["--force"] if force else []), self.bundle.id)

    def update(self, document, words=("--resources=-",)):
        return self.call("update", *words, self.bundle.id, stdin=document)

    def ps(self):
        said = self.call("ps", "--format", "json", self.bundle.id)
        assert said.status == 0, said
        return golang.unmarshal(said.text) or []

    def state(self):
        said = self.call("state", self.bundle.id)
        assert said.status == 0, said
        state = golang.unmarshal(said.text)
        golang.rfc3339(state["created"])
        return state

    # ---- how it reads ---------------------------------------------------------------------------

    def pid(self, path=None):
        return read_pid_file(path or self.bundle.pid_file)

    def last_error(self):
        """getLastRuntimeError of the shim: the last error of a file that all calls share."""
        entries = golang.decode_all(read(self.log))
        for entry in entries:
            golang.rfc3339(entry["time"])
        return ([entry["msg"] for entry in entries if entry["level"] == "error"] or [""])[-1]


def read_pid_file(path):
    return golang.atoi(read(path))


def parse_ps_output(text):
    """parsePSOutput: {"PID": [...], ...} of the columns."""
    lines = text.split("\n")
    headers = lines[0].split()
    assert "PID" in headers
    rows = [line.split(None, len(headers) - 1) for line in lines[1:] if line]
    return {name: [row[at] for row in rows] for at, name in enumerate(headers)}
