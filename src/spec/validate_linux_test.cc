// What is wrong in the "linux" section, in the words the user reads.
#include <gtest/gtest.h>

#include "spec/faulty_config_test.h"
#include "spec/load.h"

namespace brig::spec {
namespace {

std::string in_gid_map(std::string_view part) {
  return in_document(cat(R"("linux": {"namespaces": [{"type": "user"}],
      "uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}],
      "gidMappings": )",
                         part, "}"));
}

TEST(ValidateSpec, FaultsOfNamespacesAndIdMaps) {
  const Fault faults[] = {
      {R"("linux": {"namespaces": [{"type": "mount"}, {"type": @"foo"}]})",
       "linux.namespaces[1].type: unknown namespace 'foo'"},
      {R"("linux": {"namespaces": [{"type": @"net"}]})",
       "linux.namespaces[0].type: unknown namespace 'net'"},
      {R"("linux": {"namespaces": [@{}]})", "linux.namespaces[0].type: missing"},
      {R"("linux": {"namespaces": [{"type": "pid"}, {"type": @"pid", "path": "/proc/1/ns/pid"}]})",
       "linux.namespaces[1].type: duplicate namespace 'pid'"},
      {R"("linux": {"namespaces": [{"type": "pid", "path": @"ns/pid"}]})",
       "linux.namespaces[0].path: expected an absolute path, got 'ns/pid'"},
      {R"("linux": {"uidMappings": @[{"containerID": 0, "hostID": 0, "size": 1}]})",
       "linux.uidMappings: needs a user namespace in linux.namespaces"},
      {R"("linux": @{"namespaces": [{"type": "user"}],
                    "uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]})",
       "linux.gidMappings: missing; a new user namespace needs it"},
      {R"("linux": {"timeOffsets": @{"boottime": {"secs": 1}}})",
       "linux.timeOffsets: needs a new time namespace in linux.namespaces"},
      {R"("linux": {"namespaces": [{"type": "time", "path": "/a"}],
                    "timeOffsets": @{"boottime": {"secs": 1}}})",
       "linux.timeOffsets: needs a new time namespace in linux.namespaces"},
  };
  expect_errors(faults, in_document);
  EXPECT_EQ(load(in_document(R"("linux": {"namespaces": [{"type": "user", "path": "/a"}]})")).error,
            "");
}

TEST(ValidateSpec, FaultsOfTheLinuxSection) {
  const Fault faults[] = {
      {R"("maskedPaths": [@"proc"])",
       "linux.maskedPaths[0]: expected an absolute path, got 'proc'"},
      {R"("readonlyPaths": ["/a", @""])",
       "linux.readonlyPaths[1]: expected an absolute path, got ''"},
      {R"("namespaces": [], "maskedPaths": @["/proc/kcore"])",
       "linux.maskedPaths: needs a mount namespace in linux.namespaces"},
      {R"("namespaces": [], "readonlyPaths": @["/proc/sys"])",
       "linux.readonlyPaths: needs a mount namespace in linux.namespaces"},
      {R"("namespaces": [], "rootfsPropagation": @"private")",
       "linux.rootfsPropagation: needs a mount namespace in linux.namespaces"},
      {R"("rootfsPropagation": @"slaves")",
       "linux.rootfsPropagation: unknown propagation 'slaves'"},
      {R"("devices": [{"type": @"x", "path": "/dev/x", "major": 1, "minor": 1}])",
       "linux.devices[0].type: unknown device type 'x'"},
      {R"("devices": [{"type": "c", "path": @"x", "major": 1, "minor": 1}])",
       "linux.devices[0].path: expected an absolute path, got 'x'"},
      {R"("devices": [{"type": "c", "path": "/dev/x", "major": @4096, "minor": 1}])",
       "linux.devices[0].major: expected an integer from 0 to 4095, got 4096"},
      {R"("devices": [{"type": "b", "path": "/dev/x", "major": 1, "minor": @-1}])",
       "linux.devices[0].minor: expected an integer from 0 to 1048575, got -1"},
      {R"("devices": [{"type": "p", "path": "/dev/x", "fileMode": @65536}])",
       "linux.devices[0].fileMode: expected an integer from 0 to 4095 (octal 7777), got 65536"},
      {R"("namespaces": [], "devices": @[{"type": "p", "path": "/dev/x"}])",
       "linux.devices: needs a mount namespace in linux.namespaces"},
      {R"("cgroupsPath": @"/a/../b")", "linux.cgroupsPath: must not contain '..'"},
      {R"("cgroupsPath": @"..")", "linux.cgroupsPath: must not contain '..'"},
      {R"("personality": {"domain": @"LINUX64"})",
       "linux.personality.domain: unknown personality domain 'LINUX64'"},
      {R"("personality": @{})", "linux.personality.domain: missing"},
      {R"("personality": {"domain": "LINUX", "flags": [@"X"]})",
       "linux.personality.flags[0]: 'X' is not supported: the specification defines no flags"},
  };
  expect_errors(faults, in_linux);
  EXPECT_EQ(load(in_linux(R"("cgroupsPath": "/a..b/...")")).error, "");
  EXPECT_EQ(load(in_linux(R"("devices": [{"type": "c", "path": "/dev/x", "major": 1, "minor": 3,
                                          "fileMode": 8630}])"))
                .error,
            "");
  for (const char* propagation : {"shared", "rshared", "slave", "rslave", "private", "rprivate",
                                  "unbindable", "runbindable", ""})
    EXPECT_EQ(load(in_linux(cat("\"rootfsPropagation\": \"", propagation, "\""))).error, "");
}

TEST(ValidateSpec, OnlyKernelParametersOfTheContainersOwnNamespacesMayBeSet) {
  const Fault faults[] = {
      {R"("sysctl": {"kernel.core_pattern": @"|/x"})",
       "linux.sysctl[\"kernel.core_pattern\"]: belongs to no namespace: it would change the host"},
      {R"("sysctl": {"vm.swappiness": @"1"})",
       "linux.sysctl[\"vm.swappiness\"]: belongs to no namespace: it would change the host"},
      {R"("sysctl": {"kernel.hostname": @"x"})",
       "linux.sysctl[\"kernel.hostname\"]: use the member hostname"},
      {R"("sysctl": {"kernel/../vm.x": @"1"})",
       "linux.sysctl[\"kernel/../vm.x\"]: not the name of a kernel parameter"},
      {R"("sysctl": {"net..x": @"1"})",
       "linux.sysctl[\"net..x\"]: not the name of a kernel parameter"},
      {R"("sysctl": {"net.core.a b": @"1"})",
       "linux.sysctl[\"net.core.a b\"]: not the name of a kernel parameter"},
      {R"("sysctl": {"net": @"1"})",
       "linux.sysctl.net: belongs to no namespace: it would change the host"},
      {R"("sysctl": {"fs.mqueue.a.b": @"1"})",
       "linux.sysctl[\"fs.mqueue.a.b\"]: belongs to no namespace: it would change the host"},
      {R"("sysctl": {"net.core.somaxconn": @"1\n2"})",
       "linux.sysctl[\"net.core.somaxconn\"]: must be one line"},
      {R"("sysctl": {"user.max_user_namespaces": @"1"})",
       "linux.sysctl[\"user.max_user_namespaces\"]: needs a user namespace in linux.namespaces"},
      {R"("namespaces": [], "sysctl": {"net/ipv4/ip_forward": @"1"})",
       "linux.sysctl[\"net/ipv4/ip_forward\"]: needs a network namespace in linux.namespaces"},
      {R"("namespaces": [], "sysctl": {"kernel.msgmax": @"1"})",
       "linux.sysctl[\"kernel.msgmax\"]: needs an ipc namespace in linux.namespaces"},
      {R"("namespaces": [], "sysctl": {"fs.mqueue.msg_max": @"1"})",
       "linux.sysctl[\"fs.mqueue.msg_max\"]: needs an ipc namespace in linux.namespaces"},
      {R"("namespaces": [], "sysctl": {"kernel.domainname": @"x"})",
       "linux.sysctl[\"kernel.domainname\"]: needs a uts namespace in linux.namespaces"},
  };
  expect_errors(faults, in_linux);
  EXPECT_EQ(load(in_linux(R"("sysctl": {"net.ipv4.ip_forward": "1", "kernel.shmmax": "2",
                                        "net/ipv4/conf/eth0.100/rp_filter": "1",
                                        "net.ipv4.conf.eth0/100.rp_filter": "1",
                                        "fs.mqueue.msg_max": "1", "kernel.domainname": "d"})"))
                .error,
            "");
}

TEST(ValidateSpec, FaultsOfResources) {
  const Fault faults[] = {
      {R"("devices": [@{"access": "rwm"}])", "linux.resources.devices[0].allow: missing"},
      {R"("devices": [{"allow": true, "type": @"p"}])",
       "linux.resources.devices[0].type: unknown device type 'p'"},
      {R"("devices": [{"allow": true, "access": @"rwx"}])",
       "linux.resources.devices[0].access: expected letters of 'rwm', got 'rwx'"},
      {R"("devices": [{"allow": true, "major": @-2}])",
       "linux.resources.devices[0].major: expected an integer from -1 to 4294967295, got -2"},
      {R"("memory": {"swappiness": @101})",
       "linux.resources.memory.swappiness: expected an integer from 0 to 100, got 101"},
      {R"("memory": {"limit": 100, "swap": @50})",
       "linux.resources.memory.swap: 50 is below the memory limit of 100, which it includes"},
      {R"("cpu": {"idle": @2})",
       "linux.resources.cpu.idle: expected an integer from 0 to 1, got 2"},
      {R"("cpu": {"quota": 5, "burst": @6})",
       "linux.resources.cpu.burst: 6 exceeds the quota of 5"},
      {R"("blockIO": {"weightDevice": [@{"major": 1, "minor": 2}]})",
       "linux.resources.blockIO.weightDevice[0]: needs weight or leafWeight"},
      {R"("blockIO": {"throttleReadBpsDevice": [@{"major": 1, "minor": 2}]})",
       "linux.resources.blockIO.throttleReadBpsDevice[0].rate: missing"},
      {R"("hugepageLimits": [{"limit": 1, "pageSize": @"64kB"}])",
       "linux.resources.hugepageLimits[0].pageSize: expected a size such as 64KB, 2MB or 1GB, got "
       "'64kB'"},
      {R"("hugepageLimits": [{"limit": 1, "pageSize": @"../../x"}])",
       "linux.resources.hugepageLimits[0].pageSize: expected a size such as 64KB, 2MB or 1GB, got "
       "'../../x'"},
      {R"("hugepageLimits": [{"limit": 1, "pageSize": @"02MB"}])",
       "linux.resources.hugepageLimits[0].pageSize: expected a size such as 64KB, 2MB or 1GB, got "
       "'02MB'"},
      {R"("network": {"priorities": [{"name": @"eth0 5\nlo", "priority": 1}]})",
       "linux.resources.network.priorities[0].name: expected the name of an interface, got 'eth0 "
       "5\\x0alo'"},
      {R"("rdma": {"mlx5_1": @{}})", "linux.resources.rdma.mlx5_1: needs hcaHandles or hcaObjects"},
      {R"("rdma": {"a b": @{"hcaHandles": 1}})",
       "linux.resources.rdma[\"a b\"]: not the name of a device"},
      {R"("unified": {"../cgroup.procs": @"1"})",
       "linux.resources.unified[\"../cgroup.procs\"]: expected a name such as memory.high"},
      {R"("unified": {"memory": @"1"})",
       "linux.resources.unified.memory: expected a name such as memory.high"},
      {R"("unified": {"..": @"1"})",
       "linux.resources.unified[\"..\"]: expected a name such as memory.high"},
  };
  expect_errors(faults, in_resources);
  EXPECT_EQ(load(in_resources(R"("memory": {"limit": -1, "swap": -1}, "cpu": {"quota": -1,
      "burst": 6}, "unified": {"memory.high": "1"}, "devices": [{"allow": false, "type": "a",
      "major": -1, "minor": -1, "access": "rwm"}])"))
                .error,
            "");
}

TEST(ValidateSpec, FaultsOfSeccomp) {
  const Fault faults[] = {
      {R"("defaultAction": @"ALLOW")", "linux.seccomp.defaultAction: unknown action 'ALLOW'"},
      {R"("defaultAction": "SCMP_ACT_ALLOW", "defaultErrnoRet": @1)",
       "linux.seccomp.defaultErrnoRet: 'SCMP_ACT_ALLOW' takes no errno"},
      {R"("defaultErrnoRet": @4096)",
       "linux.seccomp.defaultErrnoRet: expected an integer from 0 to 4095, got 4096"},
      {R"("architectures": ["SCMP_ARCH_X86", @"x86_64"])",
       "linux.seccomp.architectures[1]: unknown architecture 'x86_64'"},
      {R"("flags": [@"SECCOMP_FILTER_FLAG_FOO"])",
       "linux.seccomp.flags[0]: unknown seccomp flag 'SECCOMP_FILTER_FLAG_FOO'"},
      {R"("syscalls": [{"names": @[], "action": "SCMP_ACT_ALLOW"}])",
       "linux.seccomp.syscalls[0].names: must have at least one entry"},
      {R"("syscalls": [@{"names": ["read"]}])", "linux.seccomp.syscalls[0].action: missing"},
      {R"("syscalls": [{"names": ["read"], "action": @"SCMP_ACT_FOO"}])",
       "linux.seccomp.syscalls[0].action: unknown action 'SCMP_ACT_FOO'"},
      {R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_KILL", "errnoRet": @1}])",
       "linux.seccomp.syscalls[0].errnoRet: 'SCMP_ACT_KILL' takes no errno"},
      {R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_TRACE", "errnoRet": @65536}])",
       "linux.seccomp.syscalls[0].errnoRet: expected an integer from 0 to 65535, got 65536"},
      {R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW",
                        "args": [{"index": @6, "value": 1, "op": "SCMP_CMP_EQ"}]}])",
       "linux.seccomp.syscalls[0].args[0].index: expected an integer from 0 to 5, got 6"},
      {R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW",
                        "args": [{"index": 0, "value": 1, "op": @"=="}]}])",
       "linux.seccomp.syscalls[0].args[0].op: unknown operator '=='"},
      {R"("syscalls": [{"names": ["read"], "action": "SCMP_ACT_ALLOW",
                        "args": [@{"index": 0, "op": "SCMP_CMP_EQ"}]}])",
       "linux.seccomp.syscalls[0].args[0].value: missing"},
      {R"("listenerPath": @"run/x")",
       "linux.seccomp.listenerPath: expected an absolute path, got 'run/x'"},
      {R"("listenerMetadata": @"x")", "linux.seccomp.listenerMetadata: needs listenerPath"},
  };
  expect_errors(faults, in_seccomp);
  const Fault missing[] = {{R"("seccomp": @{})", "linux.seccomp.defaultAction: missing"}};
  expect_errors(missing, in_linux);
}

TEST(ValidateSpec, FaultsOfNetworkDevices) {
  const Fault faults[] = {
      {R"("netDevices": {"": @{}})", "linux.netDevices[\"\"]: not a name for a network device: ''"},
      {R"("netDevices": {"an-eth-of-16-chr": @{}})",
       "linux.netDevices[\"an-eth-of-16-chr\"]: not a name for a network device: "
       "'an-eth-of-16-chr'"},
      {R"("netDevices": {"eth0": @{"name": ".."}})",
       "linux.netDevices.eth0: not a name for a network device: '..'"},
      {R"("netDevices": {"eth0": @{"name": "a/b"}})",
       "linux.netDevices.eth0: not a name for a network device: 'a/b'"},
      {R"("netDevices": {"eth0": @{"name": "a b"}})",
       "linux.netDevices.eth0: not a name for a network device: 'a b'"},
      {R"("netDevices": {"eth0": @{"name": "eth0:1"}})",
       "linux.netDevices.eth0: not a name for a network device: 'eth0:1'"},
      {R"("netDevices": {"eth0": {"name": @"a%d%d"}})",
       "linux.netDevices.eth0.name: expected one %d or none, got 'a%d%d'"},
      {R"("netDevices": {"eth0": {"name": @"a%s"}})",
       "linux.netDevices.eth0.name: expected one %d or none, got 'a%s'"},
      {R"("netDevices": {"eth0": {"name": "net0"}, "eth1": @{"name": "net0"}})",
       "linux.netDevices.eth1: is to have the name of 'eth0': 'net0'"},
      {R"("namespaces": [{"type": "mount"}], "netDevices": @{"eth0": {}})",
       "linux.netDevices: needs a network namespace in linux.namespaces"},
  };
  expect_errors(faults, in_linux);
  EXPECT_EQ(load(in_linux(R"("netDevices": {"a-name-of-15-ch": {}, "eth0": {"name": "net%d"},
                                            "eth1": {"name": "net%d"}})"))
                .error,
            "");
}

TEST(ValidateSpec, FaultsOfMemoryPolicies) {
  const Fault faults[] = {
      {R"("memoryPolicy": @{})", "linux.memoryPolicy.mode: missing"},
      {R"("memoryPolicy": {"mode": @"MPOL_MAX"})",
       "linux.memoryPolicy.mode: unknown memory policy 'MPOL_MAX'"},
      {R"("memoryPolicy": {"mode": "MPOL_LOCAL", "nodes": @"0"})",
       "linux.memoryPolicy.nodes: MPOL_LOCAL takes no nodes"},
      {R"("memoryPolicy": @{"mode": "MPOL_BIND"})", "linux.memoryPolicy: MPOL_BIND needs nodes"},
      {R"("memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0", "flags": [@"MPOL_F_NODE"]})",
       "linux.memoryPolicy.flags[0]: unknown memory policy flag 'MPOL_F_NODE'"},
      {R"("memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0",
                           "flags": @["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]})",
       "linux.memoryPolicy.flags: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each "
       "other"},
      {R"("memoryPolicy": {"mode": "MPOL_LOCAL", "flags": @["MPOL_F_STATIC_NODES"]})",
       "linux.memoryPolicy.flags: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES need nodes"},
      {R"("memoryPolicy": {"mode": "MPOL_INTERLEAVE", "nodes": "0",
                           "flags": @["MPOL_F_NUMA_BALANCING"]})",
       "linux.memoryPolicy.flags: MPOL_F_NUMA_BALANCING needs the mode MPOL_BIND or "
       "MPOL_PREFERRED_MANY"},
  };
  expect_errors(faults, in_linux);
}

TEST(ValidateSpec, FaultsOfIntelRdt) {
  const Fault faults[] = {
      {R"("intelRdt": {"closID": @".."})",
       "linux.intelRdt.closID: expected the name of a directory, got '..'"},
      {R"("intelRdt": {"closID": @"a/b"})",
       "linux.intelRdt.closID: expected the name of a directory, got 'a/b'"},
      {R"("intelRdt": {"memBwSchema": @"L3:0=f"})",
       "linux.intelRdt.memBwSchema: must start with 'MB:'"},
      {R"("intelRdt": {"memBwSchema": @"MB:0=1\nMB:1=2"})",
       "linux.intelRdt.memBwSchema: must be one line"},
      {R"("intelRdt": {"schemata": ["L3:0=f", @"L3:0=f\nMB:0=1"]})",
       "linux.intelRdt.schemata[1]: must be one line"},
  };
  expect_errors(faults, in_linux);
  EXPECT_EQ(load(in_linux(R"("intelRdt": {"closID": "/", "l3CacheSchema": "L3:0=f\nMB:0=1",
                                          "enableMonitoring": true})"))
                .error,
            "");
}

TEST(ValidateSpec, IdMappedMountsNeedMapsAndAreBindMounts) {
  const Fault faults[] = {
      {R"("mounts": [{"destination": "/a", "type": "bind", "source": "/a",
                      "options": ["rbind", @"idmap"]}])",
       "mounts[0].options[1]: needs uidMappings and gidMappings, or a user namespace in "
       "linux.namespaces"},
      {R"("mounts": [{"destination": "/a", "type": "tmpfs", "source": "/a",
                      "options": [@"ridmap=uids=0-1-2"]}])",
       "mounts[0].options[0]: ids can be mapped only for a bind mount"},
      {R"("mounts": [{"destination": "/a", "type": "tmpfs",
                      "uidMappings": @[{"containerID": 0, "hostID": 0, "size": 1}],
                      "gidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]}])",
       "mounts[0].uidMappings: ids can be mapped only for a bind mount"},
      {R"("mounts": [{"destination": "/a", "type": "bind", "source": "/a",
                      "uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}],
                      "gidMappings": [{"containerID": 0, "hostID": 0, "size": @0}]}])",
       "mounts[0].gidMappings[0].size: must not be 0"},
      {R"("mounts": [@{"destination": "/a", "type": "bind", "source": "/a",
                      "uidMappings": [{"containerID": 0, "hostID": 0, "size": 1}]}])",
       "mounts[0].gidMappings: missing; uidMappings and gidMappings come together"},
  };
  expect_errors(faults, in_document);
}

TEST(ValidateSpec, FaultsOfIdMapEntries) {
  const Fault faults[] = {
      {R"([{"containerID": 0, "hostID": 0, "size": @0}])",
       "linux.gidMappings[0].size: must not be 0"},
      {R"([@{"containerID": 0, "hostID": 0}])", "linux.gidMappings[0].size: missing"},
      {R"([{"containerID": 0, "hostID": 0, "size": 10}, @{"containerID": 9, "hostID": 50,
          "size": 1}])",
       "linux.gidMappings[1]: overlaps entry 0"},
      {R"([{"containerID": 0, "hostID": 0, "size": 10}, @{"containerID": 20, "hostID": 5,
          "size": 1}])",
       "linux.gidMappings[1]: overlaps entry 0"},
      {R"([{"containerID": 0, "hostID": @4294967295, "size": 1}])",
       "linux.gidMappings[0].hostID: 1 ids from 4294967295 reach beyond 4294967294"},
      {R"([{"containerID": @5, "hostID": 0, "size": 4294967295}])",
       "linux.gidMappings[0].containerID: 4294967295 ids from 5 reach beyond 4294967294"},
  };
  expect_errors(faults, in_gid_map);
  EXPECT_EQ(load(in_gid_map(R"([{"containerID": 0, "hostID": 0, "size": 4294967295}])")).error, "");
  EXPECT_EQ(load(in_gid_map(R"([{"containerID": 0, "hostID": 10, "size": 10},
                                {"containerID": 10, "hostID": 0, "size": 10}])"))
                .error,
            "");
  std::string most = "[", too_many = "@[";
  for (int i = 0; i < 341; ++i) {
    const std::string entry =
        cat(i > 0 ? "," : "", R"({"containerID": )", i, R"(, "hostID": )", i, R"(, "size": 1})");
    if (i < 340) most += entry;
    too_many += entry;
  }
  EXPECT_EQ(load(in_gid_map(most + "]")).error, "");
  too_many += ']';
  const Fault many[] = {{too_many.c_str(), "linux.gidMappings: 341 entries; the kernel takes 340"}};
  expect_errors(many, in_gid_map);
}

}  // namespace
}  // namespace brig::spec
