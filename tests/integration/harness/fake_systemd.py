"""A systemd that is none: it answers on its socket in a mount namespace of its own, notes what it
was asked, and does what a test wants. The real one is in tests/vm."""

import os
import socket
import threading

from harness import cgroups, dbus, host, processes, views

SERVICE = "org.freedesktop.systemd1"
MANAGER = "org.freedesktop.systemd1.Manager"
OBJECT = "/org/freedesktop/systemd1"
SLICE = f"brig_test_{host.SESSION}.slice"


class Unit:
    def __init__(self, arguments):
        self.name, self.mode, properties, self.auxiliary = arguments
        self.order = [name for name, _ in properties]
        self.properties = dict(properties)

    @property
    def pid(self):
        return self.properties["PIDs"][0]


class FakeSystemd:
    """Attributes to set before the runtime is called:

    `refusals`    {member: [(error, text), ...]}: each is answered once, then the call works
    `job_result`  "done", or why the job did not end well
    `silent`      members that are never answered
    `unfinished`  members whose job never ends
    `login`       the answer to the login
    `on_start`    called with the unit while it is being started
    """

    def __init__(self, sockets=("systemd/private",), pure_v2=False):
        self.folder = os.path.join(host.WORK, "run")
        self.transient = os.path.join(self.folder, "systemd", "transient")
        os.makedirs(self.transient)
        os.makedirs(os.path.join(self.folder, "dbus"))
        self.calls, self.units, self.started = [], {}, []
        self.refusals, self.job_result, self.silent, self.unfinished = {}, "done", (), ()
        self.login, self.on_start = b"DATA\r\nOK 0123456789abcdef0123456789abcdef\r\n", None
        self.failures, self._jobs = [], 0
        self.kept = ()  # units that stay loaded when they are stopped, until they are reset
        self._listeners = [self._listen(os.path.join(self.folder, name)) for name in sockets]
        self._make_view(pure_v2)

    # ---- for tests --------------------------------------------------------------------------

    def members(self):
        return [call.member for call in self.calls]

    def asked(self, member):
        return [call for call in self.calls if call.member == member]

    @property
    def unit(self):
        """The one that was asked for last."""
        return self.started[-1]

    def forget(self, name):
        """As when the last process of a unit has ended."""
        del self.units[name]
        os.unlink(os.path.join(self.transient, name))

    # ---- the mount namespace ----------------------------------------------------------------

    def _make_view(self, pure_v2):
        """Kept by a sleeping child: with this /run, and cgroup v2 alone if so wanted."""
        ready, told = os.pipe()
        stay, self._release = os.pipe()
        self._holder = os.fork()
        if self._holder == 0:
            try:
                host.unshare(host.CLONE_NEWNS)
                host.mount(None, "/", None, host.MS_REC | host.MS_PRIVATE)
                host.mount(self.folder, "/run", None, host.MS_BIND)
                if pure_v2:
                    views.show_only_cgroup2()
                os.write(told, b"ok")
                os.dup2(stay, 0)
                os.execv("/bin/busybox", ["cat"])
            finally:
                os._exit(99)
        os.close(told)
        os.close(stay)
        processes.KNOWN.add(self._holder)
        processes.wait_readable(ready, "the mounts of the systemd that is none")
        assert os.read(ready, 2) == b"ok"
        os.close(ready)
        self.mounts = os.open(f"/proc/{self._holder}/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)

    def close(self):
        for listener in self._listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        os.close(self.mounts)
        os.close(self._release)
        processes.wait_exit(self._holder)
        processes.KNOWN.discard(self._holder)
        for folder, _, names in os.walk(self.folder, topdown=False):
            for name in names:
                os.unlink(os.path.join(folder, name))
            os.rmdir(folder)
        assert not self.failures, self.failures

    # ---- the conversation -------------------------------------------------------------------

    def _listen(self, path):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(path)
        listener.listen()
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return listener

    def _accept(self, listener):
        while True:
            try:
                peer, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._converse, args=(peer,), daemon=True).start()

    def _converse(self, peer):
        try:
            with peer:
                self._serve(peer)
        except (ConnectionError, BrokenPipeError):
            pass
        except Exception as failure:  # the thread's end must not be silent
            self.failures.append(repr(failure))

    def _serve(self, peer):
        data = b""
        while b"BEGIN\r\n" not in data:
            data += self._more(peer)
        lines, _, data = data.partition(b"BEGIN\r\n")
        if lines != b"\0AUTH EXTERNAL\r\nDATA\r\n":
            raise ValueError(f"a login of {lines!r}")
        peer.sendall(self.login)
        # What else is going on in the machine: every client of the socket hears it.
        peer.sendall(self._signal("JobRemoved", "uoss", [7, f"{OBJECT}/job/7", "x.service", "done"]))
        peer.sendall(self._signal("UnitNew", "so", ["x.service", "/x"]))
        while True:
            size = dbus.size_of(data)
            while size is None or len(data) < size:
                data += self._more(peer)
                size = dbus.size_of(data)
            self._answer(peer, dbus.Call(data[:size]))
            data = data[size:]

    @staticmethod
    def _more(peer):
        data = peer.recv(65536)
        if not data:
            raise ConnectionError
        return data

    @staticmethod
    def _signal(member, signature, values):
        return dbus.message(dbus.SIGNAL, {dbus.PATH: OBJECT, dbus.INTERFACE: MANAGER,
                                          dbus.MEMBER: member, dbus.SENDER: ":1.1"},
                            signature, values)

    def _answer(self, peer, call):
        self.calls.append(call)
        if call.member in self.silent:
            return
        if self.refusals.get(call.member):
            self._refuse(peer, call, *self.refusals[call.member].pop(0))
            return
        getattr(self, "_" + call.member)(peer, call)

    @staticmethod
    def _refuse(peer, call, error, text):
        peer.sendall(dbus.message(dbus.ERROR, {dbus.REPLY_SERIAL: call.serial,
                                               dbus.ERROR_NAME: error, dbus.SENDER: ":1.1"},
                                  "s", [text]))

    @staticmethod
    def _return(peer, call, signature="", values=()):
        peer.sendall(dbus.message(dbus.RETURN, {dbus.REPLY_SERIAL: call.serial,
                                                dbus.SENDER: ":1.1"}, signature, values))

    def _queue_job(self, peer, call, unit, work):
        self._jobs += 1
        job = f"{OBJECT}/job/{self._jobs}"
        self._return(peer, call, "o", [job])
        work()
        if call.member not in self.unfinished:
            result = self.job_result if call.member == "StartTransientUnit" else "done"
            peer.sendall(self._signal("JobRemoved", "uoss", [self._jobs, job, unit, result]))

    def _StartTransientUnit(self, peer, call):
        unit = Unit(call.arguments)
        self.started.append(unit)

        def start():
            if self.on_start is not None:
                self.on_start(unit)
            if self.job_result == "done":
                self.units[unit.name] = unit
                with open(os.path.join(self.transient, unit.name), "w"):
                    pass
        self._queue_job(peer, call, unit.name, start)

    def _StopUnit(self, peer, call):
        name = call.arguments[0]
        if name not in self.units:
            self._refuse(peer, call, f"{SERVICE}.NoSuchUnit", f"Unit {name} not loaded.")
        else:
            stop = (lambda: None) if name in self.kept else (lambda: self.forget(name))
            self._queue_job(peer, call, name, stop)

    def _ResetFailedUnit(self, peer, call):
        if call.arguments[0] in self.kept:
            self.forget(call.arguments[0])
        self._return(peer, call)

    def _SetUnitProperties(self, peer, call):
        self._return(peer, call)

    def _Ping(self, peer, call):
        self._return(peer, call)

    def _Hello(self, peer, call):
        self._return(peer, call, "s", [":1.9"])

    def _AddMatch(self, peer, call):
        self._return(peer, call)


class Setting:
    """A bundle in the view of a FakeSystemd."""

    def __init__(self, systemd, bundle):
        self.systemd, self.bundle = systemd, bundle
        bundle.runtime.mounts_of = systemd.mounts
        bundle.runtime.flags = ["--systemd-cgroup"]

    @property
    def name(self):
        return f"x-{self.bundle.id}.scope"

    def configure(self, changes=None, **options):
        return self.bundle.configure({"linux.cgroupsPath": f"{SLICE}:x:{self.bundle.id}",
                                      **(changes or {})}, **options)


def scopes_below(path):
    """What is left of the units of a slice, over every hierarchy; the slice itself goes too."""
    found = []
    for point in cgroups.hierarchies():
        slices = point + path
        if not os.path.isdir(slices):
            continue
        found += [os.path.join(slices, name) for name in os.listdir(slices)
                  if os.path.isdir(os.path.join(slices, name))]
        if not found:
            os.rmdir(slices)
    return found
