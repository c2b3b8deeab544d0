// One configuration with every member of the specification, read back value by value.
#include "spec/parse.h"

#include <gtest/gtest.h>

namespace brig::spec {
namespace {

constexpr std::string_view kFull = R"({
"ociVersion": "1.3.0",
"process": {
  "terminal": true, "consoleSize": {"height": 25, "width": 80},
  "user": {"uid": 1, "gid": 2, "umask": 63, "additionalGids": [5, 4294967294]},
  "args": ["sh", "-c", "\u00e9 \"q\""], "env": ["A=b", "C="], "cwd": "/root",
  "capabilities": {"bounding": ["CAP_A"], "effective": ["CAP_B"], "inheritable": ["CAP_C"],
                   "permitted": ["CAP_D"], "ambient": ["CAP_E"]},
  "rlimits": [{"type": "RLIMIT_CORE", "soft": 1024, "hard": 18446744073709551615}],
  "noNewPrivileges": true, "oomScoreAdj": -100,
  "apparmorProfile": "profile", "selinuxLabel": "label",
  "scheduler": {"policy": "SCHED_DEADLINE", "nice": -5, "priority": 3, "flags": ["F"],
                "runtime": 1, "deadline": 2, "period": 3},
  "ioPriority": {"class": "IOPRIO_CLASS_IDLE", "priority": 4},
  "execCPUAffinity": {"initial": "7", "final": "0-3,7"}
},
"root": {"path": "rootfs", "readonly": true},
"hostname": "web", "domainname": "example.test",
"mounts": [
  {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
  {"destination": "/data", "source": "/srv", "options": [],
   "uidMappings": [{"containerID": 0, "hostID": 1000, "size": 1}],
   "gidMappings": [{"containerID": 1, "hostID": 2000, "size": 2}]},
  {"destination": "/proc", "type": "proc"}
],
"hooks": {
  "prestart": [{"path": "/a", "args": ["a", "b"], "env": ["K=v"], "timeout": 5}],
  "createRuntime": [{"path": "/b", "env": []}], "createContainer": [{"path": "/c"}],
  "startContainer": [{"path": "/d"}], "poststart": [{"path": "/e"}],
  "poststop": [{"path": "/f"}, {"path": "/g"}]
},
"annotations": {"com.example.key": "value", "empty": ""},
"linux": {
  "namespaces": [{"type": "pid"}, {"type": "network", "path": "/run/netns/a"}],
  "uidMappings": [{"containerID": 0, "hostID": 100000, "size": 65536}],
  "gidMappings": [{"containerID": 0, "hostID": 200000, "size": 65537}],
  "timeOffsets": {"monotonic": {"secs": -172800, "nanosecs": 5}, "boottime": {}},
  "devices": [
    {"type": "c", "path": "/dev/fuse", "major": 10, "minor": 229, "fileMode": 8630, "uid": 3,
     "gid": 4},
    {"type": "p", "path": "/dev/pipe"}],
  "netDevices": {"eth0": {"name": "net0"}, "eth1": {}},
  "cgroupsPath": "/a/b",
  "resources": {
    "devices": [{"allow": false, "access": "rwm"},
                {"allow": true, "type": "c", "major": 10, "minor": -1, "access": "rw"}],
    "memory": {"limit": 1, "reservation": 2, "swap": -1, "kernel": 4, "kernelTCP": 5,
               "swappiness": 0, "disableOOMKiller": true, "useHierarchy": false,
               "checkBeforeUpdate": true},
    "cpu": {"shares": 1, "quota": -1, "burst": 3, "period": 4, "realtimeRuntime": 5,
            "realtimePeriod": 6, "cpus": "2-3", "mems": "0-7", "idle": 1},
    "pids": {"limit": 32771},
    "blockIO": {"weight": 10, "leafWeight": 11,
      "weightDevice": [{"major": 8, "minor": 0, "weight": 500, "leafWeight": 300}],
      "throttleReadBpsDevice": [{"major": 8, "minor": 1, "rate": 600}],
      "throttleWriteBpsDevice": [{"major": 8, "minor": 2, "rate": 601}],
      "throttleReadIOPSDevice": [{"major": 8, "minor": 3, "rate": 602}],
      "throttleWriteIOPSDevice": [{"major": 8, "minor": 4, "rate": 603}]},
    "hugepageLimits": [{"pageSize": "2MB", "limit": 9223372036854772000}],
    "network": {"classID": 1048577, "priorities": [{"name": "eth0", "priority": 500}]},
    "rdma": {"mlx5_1": {"hcaHandles": 3, "hcaObjects": 10000}, "rxe3": {"hcaObjects": 7}},
    "unified": {"memory.high": "1"}
  },
  "rootfsPropagation": "slave", "maskedPaths": ["/proc/kcore"], "readonlyPaths": ["/proc/sys"],
  "mountLabel": "mount label", "sysctl": {"net.core.somaxconn": "256"},
  "seccomp": {
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
    "architectures": ["SCMP_ARCH_X86"], "flags": ["SECCOMP_FILTER_FLAG_LOG"],
    "listenerPath": "/run/l", "listenerMetadata": "meta",
    "syscalls": [{"names": ["getcwd", "chmod"], "action": "SCMP_ACT_TRACE", "errnoRet": 1,
      "args": [{"index": 1, "value": 18446744073709551615, "valueTwo": 2,
                "op": "SCMP_CMP_MASKED_EQ"}]}]
  },
  "intelRdt": {"closID": "g", "l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20",
               "schemata": ["L2:0=f"], "enableMonitoring": true},
  "memoryPolicy": {"mode": "MPOL_BIND", "nodes": "0-1", "flags": ["MPOL_F_STATIC_NODES"]},
  "personality": {"domain": "LINUX32", "flags": ["X"]}
}})";

class ParseSpecFull : public testing::Test {
 protected:
  void SetUp() override {
    const Result<json::Node> root = json::parse(kFull);
    ASSERT_TRUE(root) << root.error().message();
    Findings findings;
    spec_ = parse_spec(*root, findings);
    const Report report = describe(findings, {"config.json", kFull});
    EXPECT_EQ(report.errors, std::vector<std::string>{});
    EXPECT_EQ(report.warnings, std::vector<std::string>{});
  }
  Spec spec_;
};

TEST_F(ParseSpecFull, TopLevel) {
  EXPECT_EQ(spec_.oci_version, "1.3.0");
  EXPECT_EQ(spec_.root->path, "rootfs");
  EXPECT_TRUE(spec_.root->readonly);
  EXPECT_EQ(spec_.hostname, "web");
  EXPECT_EQ(spec_.domainname, "example.test");
  EXPECT_EQ(spec_.annotations, (StringMap{{"com.example.key", "value"}, {"empty", ""}}));
}

TEST_F(ParseSpecFull, Process) {
  const Process& process = *spec_.process;
  EXPECT_TRUE(process.terminal);
  EXPECT_EQ(process.console_size->height, 25u);
  EXPECT_EQ(process.console_size->width, 80u);
  EXPECT_EQ(process.user.uid, 1u);
  EXPECT_EQ(process.user.gid, 2u);
  EXPECT_EQ(process.user.umask, 63u);
  EXPECT_EQ(process.user.additional_gids, (std::vector<std::uint32_t>{5, 4294967294u}));
  EXPECT_EQ(process.args, (Strings{"sh", "-c", "é \"q\""}));
  EXPECT_EQ(process.env, (Strings{"A=b", "C="}));
  EXPECT_EQ(process.cwd, "/root");
  EXPECT_EQ(process.capabilities->bounding, Strings{"CAP_A"});
  EXPECT_EQ(process.capabilities->effective, Strings{"CAP_B"});
  EXPECT_EQ(process.capabilities->inheritable, Strings{"CAP_C"});
  EXPECT_EQ(process.capabilities->permitted, Strings{"CAP_D"});
  EXPECT_EQ(process.capabilities->ambient, Strings{"CAP_E"});
  ASSERT_EQ(process.rlimits.size(), 1u);
  EXPECT_EQ(process.rlimits[0].type, "RLIMIT_CORE");
  EXPECT_EQ(process.rlimits[0].soft, 1024u);
  EXPECT_EQ(process.rlimits[0].hard, 18446744073709551615u);
  EXPECT_TRUE(process.no_new_privileges);
  EXPECT_EQ(process.oom_score_adj, -100);
  EXPECT_EQ(process.apparmor_profile, "profile");
  EXPECT_EQ(process.selinux_label, "label");
  EXPECT_EQ(process.scheduler->policy, "SCHED_DEADLINE");
  EXPECT_EQ(process.scheduler->nice, -5);
  EXPECT_EQ(process.scheduler->priority, 3);
  EXPECT_EQ(process.scheduler->flags, Strings{"F"});
  EXPECT_EQ(process.scheduler->runtime, 1u);
  EXPECT_EQ(process.scheduler->deadline, 2u);
  EXPECT_EQ(process.scheduler->period, 3u);
  EXPECT_EQ(process.io_priority->io_class, "IOPRIO_CLASS_IDLE");
  EXPECT_EQ(process.io_priority->priority, 4);
  EXPECT_EQ(process.exec_cpu_affinity->initial, "7");
  EXPECT_EQ(process.exec_cpu_affinity->final, "0-3,7");
}

TEST_F(ParseSpecFull, MountsTellNoOptionsFromAbsentOnes) {
  ASSERT_EQ(spec_.mounts.size(), 3u);
  EXPECT_EQ(spec_.mounts[0].destination, "/tmp");
  EXPECT_EQ(spec_.mounts[0].type, "tmpfs");
  EXPECT_EQ(spec_.mounts[0].source, "tmpfs");
  EXPECT_EQ(spec_.mounts[0].options, (Strings{"nosuid", "mode=755"}));
  EXPECT_EQ(spec_.mounts[1].options, Strings{});
  EXPECT_EQ(spec_.mounts[1].uid_mappings, (std::vector<IdMapping>{{0, 1000, 1}}));
  EXPECT_EQ(spec_.mounts[1].gid_mappings, (std::vector<IdMapping>{{1, 2000, 2}}));
  EXPECT_EQ(spec_.mounts[2].options, std::nullopt);
}

TEST_F(ParseSpecFull, Hooks) {
  const Hooks& hooks = spec_.hooks;
  ASSERT_EQ(hooks.prestart.size(), 1u);
  EXPECT_EQ(hooks.prestart[0].path, "/a");
  EXPECT_EQ(hooks.prestart[0].args, (Strings{"a", "b"}));
  EXPECT_EQ(hooks.prestart[0].env, Strings{"K=v"});
  EXPECT_EQ(hooks.prestart[0].timeout, 5);
  EXPECT_EQ(hooks.create_runtime.at(0).path, "/b");
  EXPECT_EQ(hooks.create_runtime.at(0).env, Strings{});
  EXPECT_EQ(hooks.create_container.at(0).env, std::nullopt);
  EXPECT_EQ(hooks.create_container.at(0).timeout, std::nullopt);
  EXPECT_EQ(hooks.create_container.at(0).path, "/c");
  EXPECT_EQ(hooks.start_container.at(0).path, "/d");
  EXPECT_EQ(hooks.poststart.at(0).path, "/e");
  EXPECT_EQ(hooks.poststop.at(1).path, "/g");
}

TEST_F(ParseSpecFull, LinuxNamespacesAndMappings) {
  const Linux& section = *spec_.linux_;
  ASSERT_EQ(section.namespaces.size(), 2u);
  EXPECT_EQ(section.namespaces[0].type, "pid");
  EXPECT_EQ(section.namespaces[0].path, "");
  EXPECT_EQ(section.namespaces[1].path, "/run/netns/a");
  EXPECT_EQ(section.uid_mappings, (std::vector<IdMapping>{{0, 100000, 65536}}));
  EXPECT_EQ(section.gid_mappings, (std::vector<IdMapping>{{0, 200000, 65537}}));
  EXPECT_EQ(section.time_offsets.at("monotonic").secs, -172800);
  EXPECT_EQ(section.time_offsets.at("monotonic").nanosecs, 5u);
  EXPECT_EQ(section.time_offsets.at("boottime").secs, 0);
}

TEST_F(ParseSpecFull, LinuxDevices) {
  const Linux& section = *spec_.linux_;
  ASSERT_EQ(section.devices.size(), 2u);
  EXPECT_EQ(section.devices[0].type, "c");
  EXPECT_EQ(section.devices[0].path, "/dev/fuse");
  EXPECT_EQ(section.devices[0].major, 10);
  EXPECT_EQ(section.devices[0].minor, 229);
  EXPECT_EQ(section.devices[0].file_mode, 0666u);  // 8630 is 020666: a character device
  EXPECT_EQ(section.devices[0].uid, 3u);
  EXPECT_EQ(section.devices[0].gid, 4u);
  EXPECT_EQ(section.devices[1].file_mode, std::nullopt);
  EXPECT_EQ(section.net_devices, (StringMap{{"eth0", "net0"}, {"eth1", "eth1"}}));
}

TEST_F(ParseSpecFull, LinuxOtherMembers) {
  const Linux& section = *spec_.linux_;
  EXPECT_EQ(section.cgroups_path, "/a/b");
  EXPECT_EQ(section.rootfs_propagation, "slave");
  EXPECT_EQ(section.masked_paths, Strings{"/proc/kcore"});
  EXPECT_EQ(section.readonly_paths, Strings{"/proc/sys"});
  EXPECT_EQ(section.mount_label, "mount label");
  EXPECT_EQ(section.sysctl, (StringMap{{"net.core.somaxconn", "256"}}));
  EXPECT_EQ(section.intel_rdt->clos_id, "g");
  EXPECT_EQ(section.intel_rdt->l3_cache_schema, "L3:0=f");
  EXPECT_EQ(section.intel_rdt->mem_bw_schema, "MB:0=20");
  EXPECT_EQ(section.intel_rdt->schemata, Strings{"L2:0=f"});
  EXPECT_TRUE(section.intel_rdt->enable_monitoring);
  EXPECT_EQ(section.memory_policy->mode, "MPOL_BIND");
  EXPECT_EQ(section.memory_policy->nodes, "0-1");
  EXPECT_EQ(section.memory_policy->flags, Strings{"MPOL_F_STATIC_NODES"});
  EXPECT_EQ(section.personality->domain, "LINUX32");
  EXPECT_EQ(section.personality->flags, Strings{"X"});
}

TEST_F(ParseSpecFull, ResourcesOfDevicesMemoryCpuAndPids) {
  const Resources& resources = spec_.linux_->resources;
  ASSERT_EQ(resources.devices.size(), 2u);
  EXPECT_FALSE(resources.devices[0].allow);
  EXPECT_EQ(resources.devices[0].major, std::nullopt);
  EXPECT_EQ(resources.devices[0].access, "rwm");
  EXPECT_TRUE(resources.devices[1].allow);
  EXPECT_EQ(resources.devices[1].type, "c");
  EXPECT_EQ(resources.devices[1].major, 10);
  EXPECT_EQ(resources.devices[1].minor, -1);
  const Memory& memory = *resources.memory;
  EXPECT_EQ(memory.limit, 1);
  EXPECT_EQ(memory.reservation, 2);
  EXPECT_EQ(memory.swap, -1);
  EXPECT_EQ(memory.kernel, 4);
  EXPECT_EQ(memory.kernel_tcp, 5);
  EXPECT_EQ(memory.swappiness, 0u);
  EXPECT_EQ(memory.disable_oom_killer, true);
  EXPECT_EQ(memory.use_hierarchy, false);
  EXPECT_EQ(memory.check_before_update, true);
  const Cpu& cpu = *resources.cpu;
  EXPECT_EQ(cpu.shares, 1u);
  EXPECT_EQ(cpu.quota, -1);
  EXPECT_EQ(cpu.burst, 3u);
  EXPECT_EQ(cpu.period, 4u);
  EXPECT_EQ(cpu.realtime_runtime, 5);
  EXPECT_EQ(cpu.realtime_period, 6u);
  EXPECT_EQ(cpu.cpus, "2-3");
  EXPECT_EQ(cpu.mems, "0-7");
  EXPECT_EQ(cpu.idle, 1);
  EXPECT_EQ(resources.pids_limit, 32771);
}

TEST_F(ParseSpecFull, ResourcesOfBlockDevicesAndTheRest) {
  const Resources& resources = spec_.linux_->resources;
  const BlockIo& io = *resources.block_io;
  EXPECT_EQ(io.weight, 10u);
  EXPECT_EQ(io.leaf_weight, 11u);
  EXPECT_EQ(io.weight_device.at(0).major, 8);
  EXPECT_EQ(io.weight_device.at(0).weight, 500u);
  EXPECT_EQ(io.weight_device.at(0).leaf_weight, 300u);
  EXPECT_EQ(io.throttle_read_bps.at(0).minor, 1);
  EXPECT_EQ(io.throttle_read_bps.at(0).rate, 600u);
  EXPECT_EQ(io.throttle_write_bps.at(0).rate, 601u);
  EXPECT_EQ(io.throttle_read_iops.at(0).rate, 602u);
  EXPECT_EQ(io.throttle_write_iops.at(0).rate, 603u);
  EXPECT_EQ(resources.hugepage_limits.at(0).page_size, "2MB");
  EXPECT_EQ(resources.hugepage_limits.at(0).limit, 9223372036854772000u);
  EXPECT_EQ(resources.network->class_id, 1048577u);
  EXPECT_EQ(resources.network->priorities.at(0).name, "eth0");
  EXPECT_EQ(resources.network->priorities.at(0).priority, 500u);
  EXPECT_EQ(resources.rdma.at("mlx5_1").hca_handles, 3u);
  EXPECT_EQ(resources.rdma.at("mlx5_1").hca_objects, 10000u);
  EXPECT_EQ(resources.rdma.at("rxe3").hca_handles, std::nullopt);
  EXPECT_EQ(resources.unified, (StringMap{{"memory.high", "1"}}));
}

TEST_F(ParseSpecFull, Seccomp) {
  const Seccomp& seccomp = *spec_.linux_->seccomp;
  EXPECT_EQ(seccomp.default_action, "SCMP_ACT_ERRNO");
  EXPECT_EQ(seccomp.default_errno_ret, 38u);
  EXPECT_EQ(seccomp.architectures, Strings{"SCMP_ARCH_X86"});
  EXPECT_EQ(seccomp.flags, Strings{"SECCOMP_FILTER_FLAG_LOG"});
  EXPECT_EQ(seccomp.listener_path, "/run/l");
  EXPECT_EQ(seccomp.listener_metadata, "meta");
  const SeccompRule& rule = seccomp.syscalls.at(0);
  EXPECT_EQ(rule.names, (Strings{"getcwd", "chmod"}));
  EXPECT_EQ(rule.action, "SCMP_ACT_TRACE");
  EXPECT_EQ(rule.errno_ret, 1u);
  EXPECT_EQ(rule.args.at(0).index, 1u);
  EXPECT_EQ(rule.args.at(0).value, 18446744073709551615u);
  EXPECT_EQ(rule.args.at(0).value_two, 2u);
  EXPECT_EQ(rule.args.at(0).op, "SCMP_CMP_MASKED_EQ");
}

TEST(ParseSpec, AnEmptyDocumentLeavesEveryDefault) {
  const Result<json::Node> root = json::parse(R"({"process": {}, "linux": {"seccomp": {}}})");
  Findings findings;
  const Spec spec = parse_spec(*root, findings);
  EXPECT_EQ(spec.process->cwd, "/");
  EXPECT_EQ(spec.process->user.umask, std::nullopt);
  EXPECT_EQ(spec.process->capabilities, std::nullopt);
  EXPECT_EQ(spec.linux_->seccomp->flags, std::nullopt);
  EXPECT_EQ(spec.linux_->resources.pids_limit, std::nullopt);
  EXPECT_EQ(spec.root, std::nullopt);
}

}  // namespace
}  // namespace brig::spec
