"""Podman as an ordinary user, whose cgroups her own systemd makes."""

import os
import pwd

from rig import units
from rig.steps import Steps
from engines import podman

USER = "alice"

steps = Steps(podman.steps).without(
    "user-namespace")  # ids of hers are few; how she is given others is --userns

CONFIGURATION = podman.CONFIGURATION.replace(
    "[containers]\n", """\
[containers]
# Each network of a user costs several processes; the steps about networks name one.
netns = "none"
""")


class RootlessPodman(podman.Podman):
    name = "podman-rootless"
    product = "podman"
    programs = (*podman.Podman.programs, "newuidmap", "setpriv")
    steps = steps
    configuration_text = CONFIGURATION
    kube_options = ("--network", "none")  # which of itself takes no notice of `netns`
    caller = ("setpriv", f"--reuid={USER}", f"--regid={USER}", "--init-groups", "--")

    @classmethod
    def refusal(cls, driver):
        if driver != "systemd":
            return "a user has no cgroups without --driver systemd"
        try:
            socket = f"/run/user/{pwd.getpwnam(USER).pw_uid}/bus"
        except KeyError:
            return f"there is no user {USER}"
        return "" if os.path.exists(socket) else f"{USER} has no systemd of her own"

    def start(self):
        self.uid = pwd.getpwnam(USER).pw_uid
        for name in ("", "podman", "home", "xdg", "tmp"):
            os.makedirs(self.place.path(name), exist_ok=True)
            os.chown(self.place.path(name), self.uid, self.uid)
        for name in ("bus", "systemd"):
            os.symlink(f"/run/user/{self.uid}/{name}", self.place.path("xdg", name))
        self.place.systemd = units.Manager(*self.caller, "systemctl", "--user",
                                           env=self.place.environment(self.of_the_user()))
        super().start()

    def stop(self):
        """Ends the process that holds her user namespace."""
        self("system", "migrate").ok()

    def environment(self):
        return {**super().environment(), **self.of_the_user()}

    def of_the_user(self):
        return {"USER": USER,
                "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.place.path('xdg')}/bus"}

    def state_roots(self):
        return [self.place.path("xdg", name) for name in ("brig", "runc")]


@steps.step
def ids_of_the_user(engine):
    """Her own and those of /etc/subuid."""
    said = engine.run("--userns keep-id", "sh", "-c", "id -u; cat /proc/self/uid_map").ok()
    return said.text
