"""Buildah: the steps of a build, by hand and from a file."""

from rig import image
from rig.engine import Engine
from rig.place import program
from rig.steps import Steps
from engines.podman import CONFIGURATION, build_options, storage_flags
from topics import build

steps = Steps(build.steps)


class Buildah(Engine):
    name = "buildah"
    programs = ("buildah",)
    own_mounts = ("/storage/overlay", "/run/netns")
    steps = steps
    default_options = ""

    def start(self):
        self.folder = self.place.path("buildah")
        name, path = self.runtime
        values = {"folder": self.folder, "driver": self.place.driver, "name": name, "path": path}
        self.configuration = self.place.write("buildah/containers.conf",
                                              CONFIGURATION.format(**values))
        self("pull", f"docker-archive:{self.archive()}").ok()

    def version(self):
        return self("--version").ok().text.split()[2]

    def command(self):
        return [program("buildah"), *storage_flags(self.folder)]

    def environment(self):
        return self.place.environment({
            "CONTAINERS_CONF": self.configuration,
            "BUILDAH_RUNTIME": self.runtime[1], "BUILDAH_ISOLATION": "oci"})

    def remove_all(self):
        self("rm", "--all").ok()

    @property
    def build_words(self):
        return ["build", *build_options(self.place)]

    def run_image(self, name, *command):
        return self("run", self.working(name), "--", *command)

    # ---- for steps --------------------------------------------------------------------------

    def working(self, base=image.NAME):
        """A working container of the image; its name."""
        name = self.new_name()
        self("from", *build_options(self.place), "--pull-never", "--name", name, base).ok()
        return name


@steps.step
def output(buildah):
    said = buildah("run", buildah.working(), "sh", "-c", "echo out; echo err >&2").ok("out")
    return f"{said.text}, {said.stderr.strip()}"


@steps.step
def input_(buildah):
    return buildah("run", buildah.working(), "cat", stdin="typed\n").ok("typed").text


@steps.step
def exit_status(buildah):
    return buildah("run", buildah.working(), "sh", "-c", "exit 32").failure


@steps.step
def name_that_is_not_there(buildah):
    return buildah("run", buildah.working(), "no-such-program").fails().failure


@steps.step
def path_that_is_not_there(buildah):
    return buildah("run", buildah.working(), "/no/such").fails().failure


@steps.step
def folder(buildah):
    return buildah("run", buildah.working(), "/etc").fails().failure


@steps.step
def killed(buildah):
    return buildah("run", buildah.working(), "sh", "-c", "sh -c 'kill -9 $$'; exit $?").failure


@steps.step
def terminal(buildah):
    with buildah.terminal("run", "-t", buildah.working(), "sh", rows=33, columns=99) as person:
        person.send(b"tty\n")
        person.expect(b"/dev/pts/")
        person.send(b"exit 5\n")
        return f"exit {person.wait()}"


@steps.step
def options(buildah):
    name = buildah.working()
    buildah("config", "--env", "A=b", "--workingdir", "/made", "--user", "alice", name).ok()
    return buildah("run", "--hostname", "inside", name, "sh", "-c", "echo $A; pwd; hostname; id"
                   ).ok().text


@steps.step
def capabilities(buildah):
    return buildah("run", "--cap-drop", "CAP_CHOWN", "--cap-add", "CAP_NET_RAW", buildah.working(),
                   "grep", "-E", "Cap(Eff|Bnd)", "/proc/self/status").ok().text


@steps.step
def volume(buildah):
    folder = buildah.place.path("tmp")
    return buildah("run", "--volume", f"{folder}:/data:ro", buildah.working(), "sh", "-c",
                   "grep -c ' /data ' /proc/mounts; touch /data/x").fails().failure


@steps.step
def networks(buildah):
    name = buildah.working()
    said = [buildah("run", "--network", kind, name, "sh", "-c", "ip -o link | wc -l").ok().text
            for kind in ("none", "host")]
    return ", ".join(said)


@steps.step
def seccomp(buildah):
    return buildah("run", buildah.working(), "sh", "-c", "grep Seccomp: /proc/self/status; "
                   "unshare -m true").fails().failure


@steps.step
def kept_changes(buildah):
    """What one step has made is there for the next one, and in the image."""
    name = buildah.working()
    buildah("run", name, "sh", "-c", "echo kept >/kept").ok()
    buildah("commit", "--rm", name, "localhost/kept").ok()
    try:
        return buildah("run", buildah.working("localhost/kept"), "cat", "/kept").ok().text
    finally:
        buildah("rm", "--all")
        buildah("rmi", "localhost/kept")
