"""What systemd has of containers, where it makes their cgroups."""

import subprocess


class Manager:
    """A systemd: the machine's, or with other `words` before each call that of a user."""

    def __init__(self, *words, env=None):
        self.words, self.env = words or ("systemctl",), env

    def __call__(self, *words):
        """What systemctl printed; that a unit is not there is no error."""
        return subprocess.run([*self.words, *words], env=self.env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, check=False).stdout.strip()

    def failed_below(self, parent):
        """What remains of units in this slice and in slices below it, without a cgroup."""
        failed = [line.split()[0] for line in self(
            "list-units", "--state=failed", "--type=scope,service", "--plain", "--no-legend"
            ).splitlines()]
        found = []
        for block in self("show", "--property=Id,Slice", *failed).split("\n\n") if failed else []:
            shown = dict(line.partition("=")[::2] for line in block.splitlines())
            if shown.get("Slice", "").startswith(parent.removesuffix(".slice")):
                found.append(shown["Id"])
        return found

    def forget(self, names):
        """Ends them, and what remains of those that failed."""
        if names:
            self("stop", *names)
            self("reset-failed", *names)
