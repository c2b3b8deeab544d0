"""The fixtures and hooks of a session; ../README.md says how they are used."""

import os
import signal

import pytest

from harness import cgroups, host, leaks, processes
from harness.bundle import Bundle
from harness.fake_systemd import SLICE, FakeSystemd, Setting, scopes_below
from harness.holder import Holder
from harness.seccomp_agent import Agent
from harness.sockets import FdReceiver, NotifySocket
from harness.terminal import Terminal
from harness.views import View, is_pure_v2, show_only_cgroup2

_views = {}  # name -> View, made when the first test asks


def pytest_addoption(parser):
    parser.addoption("--skips-fail", action="store_true",
                     help="a skipped test fails the session: a skip is not a pass")
    parser.addoption("--pure-v2", action="store_true",
                     help="the session's host has cgroup v2 alone; the tests for that: -m cgroup2")


def pytest_configure(config):
    config.addinivalue_line("markers", "sanitize: run once more with the sanitizers' build")
    config.addinivalue_line("markers", "cgroup2: run once more where cgroup v2 is all there is")
    config.addinivalue_line("markers", "first: takes long, so it must not begin last")
    config.addinivalue_line("markers", "both_cgroup_hosts: run on this host's cgroups and again "
                            "where cgroup v2 is all there is")
    if os.geteuid() != 0:
        pytest.exit("the integration tests need root", returncode=2)
    if not os.access(host.BRIG, os.X_OK):
        pytest.exit(f"no runtime at {host.BRIG}: build it, or set BRIG", returncode=2)
    if config.getoption("--pure-v2") and not is_pure_v2():  # before tests look at their host
        host.enter_mount_namespace()
        show_only_cgroup2()


def pytest_report_header():
    raising = "with" if host.has_capability(24) else "without"
    return f"runtime: {host.BRIG}; root {raising} CAP_SYS_RESOURCE; session {host.SESSION}"


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("first") is None)


def pytest_generate_tests(metafunc):
    if metafunc.definition.get_closest_marker("both_cgroup_hosts"):
        views = ["this-host"] if is_pure_v2() else ["this-host", "pure-v2"]
        metafunc.parametrize("cgroup_view", views, indirect=True)


def pytest_sessionfinish(session):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped", []) if reporter else []
    if session.config.getoption("--skips-fail") and skipped and session.exitstatus == 0:
        session.exitstatus = 1


def too_long(*_):
    raise processes.TimedOut(f"the test took more than {6 * host.DEADLINE} s")


@pytest.fixture(scope="session", autouse=True)
def session_host():
    signal.signal(signal.SIGALRM, too_long)
    host.become_subreaper()
    host.enter_private_mounts()
    cgroups.make_parent()
    yield
    for view in _views.values():
        view.close()
    cgroups.remove_parent()
    host.leave_private_mounts()


@pytest.fixture(autouse=True)
def made(session_host):
    """The bundles of a test. After the test: delete them, and fail if anything is left."""
    before = leaks.Snapshot(_views.values())
    bundles = []
    signal.alarm(round(6 * host.DEADLINE))
    yield bundles
    signal.alarm(0)
    left = [complaint for bundle in bundles for complaint in bundle.close()]
    left += before.leaks(bundles)
    if left:
        before.clean(bundles)
    for bundle in bundles:
        leaks.remove_tree(bundle.path)
    if left:
        pytest.fail("left behind:\n" + "\n".join(left), pytrace=False)


@pytest.fixture
def cgroup_view(request):
    """None, or the mount namespace of the view (harness/views.py) that the test is run in."""
    name = getattr(request, "param", "this-host")
    if name == "this-host" or (name == "pure-v2" and is_pure_v2()):
        return None
    if name not in _views:
        _views[name] = View(name)
    return _views[name].fd


@pytest.fixture
def new_bundle(made, cgroup_view):
    """new_bundle(owner=0): a fresh bundle each call."""
    def make(**options):
        made.append(Bundle(mounts_of=cgroup_view, **options))
        return made[-1]
    return make


@pytest.fixture
def bundle(new_bundle):
    return new_bundle()


@pytest.fixture
def mapped_bundle(new_bundle):
    """A bundle whose rootfs belongs to the root of the user namespace in spec.USER_NAMESPACE."""
    return new_bundle(owner=100000)


@pytest.fixture
def agent(bundle):
    """agent(answers): one beside the bundle, which answers with those errnos."""
    opened = []

    def start(answers):
        opened.append(Agent(os.path.join(bundle.path, "agent.sock"), answers))
        return opened[-1]
    yield start
    for each in opened:
        each.close()


@pytest.fixture
def make_setting(new_bundle):
    """make_setting(owner=0, pure_v2=False, ...): a bundle on a host with a FakeSystemd."""
    made = []

    def make(owner=0, **options):
        made.append(Setting(FakeSystemd(**options), new_bundle(owner=owner)))
        return made[-1]
    yield make
    complaints = [complaint for setting in made for complaint in setting.bundle.close()]
    for setting in made:
        setting.bundle.runtime.mounts_of = None
        setting.systemd.close()
    assert complaints == []
    assert scopes_below(f"/{SLICE}") == []


@pytest.fixture
def fd_receiver(bundle):
    """A socket for --console-socket or --pidfd-socket."""
    receiver = FdReceiver(os.path.join(bundle.path, "fd.sock"))
    yield receiver
    receiver.close()


@pytest.fixture
def notify_socket(bundle):
    receiver = NotifySocket(os.path.join(bundle.path, "host-notify.sock"))
    yield receiver
    receiver.close()


@pytest.fixture
def terminal():
    """terminal(argv, ...): starts a program on a pty of its own; ended with the test."""
    opened = []

    def start(argv, **options):
        opened.append(Terminal(argv, **options))
        return opened[-1]
    yield start
    for each in opened:
        each.close()


@pytest.fixture
def output_pipe():
    pipe = processes.OutputPipe()
    yield pipe
    pipe.close()


@pytest.fixture
def sleeper():
    """The pid of a process of the host that sleeps until the test ends, and may be signalled."""
    pid = os.fork()
    if pid == 0:
        os.execv("/bin/busybox", ["sleep", "1000"])
    yield pid
    if processes.is_alive(pid):
        processes.kill(pid)
    processes.wait_exit(pid)


@pytest.fixture(scope="session")
def holder(session_host):
    """Namespaces to join, which belong to the host's user namespace."""
    made = Holder()
    yield made
    made.close()


@pytest.fixture(scope="session")
def mapped_holder(session_host):
    """Namespaces to join together with the user namespace they belong to."""
    made = Holder(mapped=True)
    yield made
    made.close()
