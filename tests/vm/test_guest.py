"""The guest itself: what the other tests here count on."""
import os


def test_systemd_runs_the_machine():
    assert os.readlink("/proc/1/exe").endswith("/systemd")


def test_the_controllers_of_cgroup_v2_are_there():
    with open("/sys/fs/cgroup/cgroup.controllers") as file:
        assert {"cpu", "cpuset", "io", "memory", "pids", "hugetlb"} <= set(file.read().split())


def test_apparmor_is_on():
    with open("/sys/module/apparmor/parameters/enabled") as file:
        assert file.read() == "Y\n"
