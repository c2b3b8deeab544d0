"""What docker and podman have in common: nearly the whole command line."""

import shlex

from rig import image
from rig.engine import Engine
from rig.waiting import until

# Ends by itself on SIGTERM, with a status of its own; `sleep` as a first process would ignore it.
OBEDIENT = ["sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done"]


class ContainerCli(Engine):
    """Options are given as one text, as a person types them: run("--memory 64m -i", "cat")."""

    monitor = ""  # the name of the process above each container
    default_options = ""
    build_words = ["build"]
    health_status = "{{.State.Health.Status}}"

    def words(self, options, command, name=None):
        named = ["--name", name] if name else []
        return [*shlex.split(self.default_options), *named, *shlex.split(options), image.NAME,
                *command]

    def run(self, options, *command, **call):
        """`run --rm`: its outcome is the container's."""
        return self("run", "--rm", *self.words(options, command), **call)

    def run_image(self, name, *command):
        return self("run", "--rm", *shlex.split(self.default_options), name, *command)

    def running(self, options="", *command):
        """The name of a container in the background, which sleeps if it is given no command."""
        name = self.new_name()
        self("run", "-d", *self.words(options, command or ["sleep", "1000"], name)).ok()
        return name

    def kept(self, options, *command):
        """A container that has ended and is still there: its name, and the outcome of its run."""
        name = self.new_name()
        return name, self("run", *self.words(options, command, name))

    def at_terminal(self, options, *command, **size):
        return self.terminal("run", "--rm", "-it", *self.words(options, command), **size)

    def inspect(self, name, template):
        return self("inspect", "--format", template, name).ok().text

    def status(self, name):
        return self.inspect(name, "{{.State.Status}}")

    def pid(self, name):
        return int(self.inspect(name, "{{.State.Pid}}"))

    def wait_for(self, name, template, wanted):
        until(lambda: self.inspect(name, template) == wanted, f"{template} is {wanted}", 30)

    def wait_for_container(self, name):
        until(lambda: self("inspect", name).status == 0, f"there is {name}", 30)

    def wait_for_log(self, name, text):
        until(lambda: text in self("logs", name).ok().stdout, f"{text!r} in the log", 30)

    def update_options(self, options):
        """Those that this engine's `update` knows."""
        return shlex.split(options)

    def check_health(self, name):
        self.wait_for(name, self.health_status, "healthy")

    def address(self, name):
        return self.inspect(name, "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}")

    def remove_all(self):
        names = self("ps", "-aq").ok().text.split()
        if names:
            self("rm", "-f", "-v", *names)
