#include <gtest/gtest.h>

#include "spec/faulty_config_test.h"
#include "spec/load.h"

namespace brig::spec {
namespace {

TEST(LoadSpec, AnOrdinaryConfigurationHasNoFindings) {
  for (const std::string& json :
       {in_document(R"("hostname": "web")"), in_process(R"("env": [])"),
        in_linux(R"("resources": {})"), in_resources(""), in_seccomp(R"("syscalls": [])")}) {
    const Outcome outcome = load(json);
    EXPECT_EQ(outcome.error, "");
    EXPECT_TRUE(outcome.warnings.empty());
  }
}

TEST(LoadSpec, TheDocumentMustBeJson) {
  const Fault faults[] = {
      {"@", "empty file"},
      {"{@]", "expected a member name in double quotes"},
      {"{\"ociVersion\": \"1.0.0\",\n \"process\": {\"args\": [\"sh\"@", "unexpected end of file"},
      {"{\"ociVersion\": \"1.0.0\"@", "unexpected end of file"},
      {"@\xEF\xBB\xBF{}", "starts with a byte order mark; save it as UTF-8 without one"},
      {"@[]", "expected an object, got an array"},
      {"@\"1.0.0\"", "expected an object, got a string"},
  };
  expect_errors(faults, as_it_is);
}

TEST(LoadSpec, EveryFaultIsReportedAtOnce) {
  const Outcome outcome = load(R"({
  "ociVersion": "1.0.0",
  "process": {
    "args": ["sh", 5],
    "cwd": "tmp",
    "rlimits": [
      {"type": "RLIMIT_FOO", "soft": 1, "hard": 1}
    ]
  },
  "root": {"path": "rootfs"},
  "hostname": "web",
  "linux": {"namespaces": [{"type": "mount"}, {"type": "foo"}]}
})");
  EXPECT_EQ(outcome.error,
            "config.json:4:20: process.args[1]: expected a string, got an integer\n"
            "config.json:5:12: process.cwd: expected an absolute path, got 'tmp'\n"
            "config.json:7:16: process.rlimits[0].type: unknown rlimit 'RLIMIT_FOO'\n"
            "config.json:11:15: hostname: needs a uts namespace in linux.namespaces\n"
            "config.json:12:56: linux.namespaces[1].type: unknown namespace 'foo'");
}

TEST(LoadSpec, ValuesOfTheWrongTypeAreNamed) {
  const Fault faults[] = {
      {R"("terminal": @"yes")", "process.terminal: expected a boolean, got a string"},
      {R"("terminal": @1)", "process.terminal: expected a boolean, got an integer"},
      {R"("args": @"sh")", "process.args: expected an array, got a string"},
      {R"("args": ["sh", @["-c"]])", "process.args[1]: expected a string, got an array"},
      {R"("args": ["sh", @null])", "process.args[1]: expected a string, got null"},
      {R"("env": @{"A": "b"})", "process.env: expected an array, got an object"},
      {R"("cwd": @7)", "process.cwd: expected a string, got an integer"},
      {R"("cwd": "/\u0000", "cwd": @"/a\u0000b")", "process.cwd: contains a NUL byte"},
      {R"("user": @"root")", "process.user: expected an object, got a string"},
      {R"("user": {"uid": @"0"})", "process.user.uid: expected an integer, got a string"},
      {R"("user": {"uid": @-1})",
       "process.user.uid: expected an integer from 0 to 4294967295, got -1"},
      {R"("user": {"uid": @4294967296})",
       "process.user.uid: expected an integer from 0 to 4294967295, got 4294967296"},
      {R"("user": {"uid": @1e3})",
       "process.user.uid: expected an integer from 0 to 4294967295, got 1e3"},
      {R"("user": {"uid": @1.0})",
       "process.user.uid: expected an integer from 0 to 4294967295, got 1.0"},
      {R"("user": {"additionalGids": [1, @-2]})",
       "process.user.additionalGids[1]: expected an integer from 0 to 4294967295, got -2"},
      {R"("oomScoreAdj": @2147483648)",
       "process.oomScoreAdj: expected an integer from -2147483648 to 2147483647, got 2147483648"},
      {R"("rlimits": [{"type": "RLIMIT_CORE", "hard": 1, "soft": @18446744073709551616}])",
       "process.rlimits[0].soft: expected an integer from 0 to 18446744073709551615, got "
       "18446744073709551616"},
      {R"("rlimits": [@{"type": "RLIMIT_CORE", "hard": 1}])", "process.rlimits[0].soft: missing"},
      {R"("rlimits": [@7])", "process.rlimits[0]: expected an object, got an integer"},
      {R"("consoleSize": @{"width": 7})", "process.consoleSize.height: missing"},
      {R"("capabilities": @["CAP_KILL"])",
       "process.capabilities: expected an object, got an array"},
  };
  expect_errors(faults, in_process);

  const Fault elsewhere[] = {
      {R"("annotations": {"a.b/c": @7})",
       "annotations[\"a.b/c\"]: expected a string, got an integer"},
      {R"("annotations": @[])", "annotations: expected an object, got an array"},
      {R"("hooks": {"poststop": [@{"args": ["a"]}]})", "hooks.poststop[0].path: missing"},
      {R"("mounts": [@{"type": "proc"}])", "mounts[0].destination: missing"},
      {R"("linux": @"none")", "linux: expected an object, got a string"},
      {R"("linux": {"namespaces": [{"type": "network"}],
                    "netDevices": {"eth0": {"name": @23}}})",
       "linux.netDevices.eth0.name: expected a string, got an integer"},
      {R"("linux": {"resources": {"rdma": {"mlx5_1": {"hcaHandles": @"many"}}}})",
       "linux.resources.rdma.mlx5_1.hcaHandles: expected an integer, got a string"},
      {R"("linux": {"resources": {"blockIO": {"weight": @65536}}})",
       "linux.resources.blockIO.weight: expected an integer from 0 to 65535, got 65536"},
      {R"("linux": {"resources": {"memory": {"limit": @-9223372036854775809}}})",
       "linux.resources.memory.limit: expected an integer from -9223372036854775808 to "
       "9223372036854775807, got -9223372036854775809"},
      {R"("linux": {"namespaces": [{"type": "mount"}],
                    "devices": [@{"type": "c", "path": "/dev/x", "major": 1}]})",
       "linux.devices[0].minor: missing"},
  };
  expect_errors(elsewhere, in_document);
}

TEST(LoadSpec, NullIsAbsentAndUnknownMembersAreIgnored) {
  EXPECT_EQ(
      load(in_process(R"("env": null, "rlimits": null, "user": null, "shiny": {"new": 1})")).error,
      "");
  EXPECT_EQ(load(in_linux(R"("seccomp": null, "resources": null, "landlock": [1, 2])")).error, "");
  EXPECT_EQ(load(in_document(R"("mounts": null, "hooks": null, "vm": {}, "windows": 7)")).error,
            "");
  EXPECT_EQ(load(in_resources(R"("pids": {}, "memory": {"limit": null})")).error, "");
}

TEST(LoadSpec, HostileConfigurationsAreRefusedWithoutDelay) {
  std::string rlimits = R"("rlimits": [)", namespaces = R"("linux": {"namespaces": [)";
  for (int i = 0; i < 10'000; ++i) {
    append(rlimits, cat(i > 0 ? "," : "", R"({"type": ")", i, R"(", "soft": 1, "hard": 1})"));
    append(namespaces, cat(i > 0 ? "," : "", R"({"type": ")", i, R"("})"));
  }
  std::string sysctl = R"(], "sysctl": {)";
  for (int i = 0; i < 10'000; ++i)
    append(sysctl, cat(i > 0 ? "," : "", "\"net.core.", i, "\": \"1\""));
  EXPECT_TRUE(load(in_process(rlimits + "]")).error.starts_with("config.json:"));
  EXPECT_TRUE(load(in_document(namespaces + sysctl + "}}")).error.starts_with("config.json:"));
}

TEST(LoadProcess, PathsStartAtTheFilesOwnRoot) {
  std::vector<std::string> warnings;
  const Result<Process> bad = load_process(
      {"process.json", R"({"args": [], "cwd": "/", "ioPriority": {"class": "FAST"}})"}, warnings);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message(),
            "process.json:1:10: args: must have at least one entry\n"
            "process.json:1:50: ioPriority.class: unknown I/O priority class 'FAST'");
  const Result<Process> good =
      load_process({"process.json", R"({"args": ["id"], "user": {"uid": 7}})"}, warnings);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->user.uid, 7u);
  EXPECT_EQ(warnings, std::vector<std::string>{"process.json:1:1: cwd: missing; using '/'"});
}

TEST(LoadResources, PathsStartAtTheFilesOwnRoot) {
  std::vector<std::string> warnings;
  const Result<Resources> bad = load_resources({"-", R"({"memory": {"limit": "64m"}})"}, warnings);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message(), "-:1:22: memory.limit: expected an integer, got a string");
  const Result<Resources> good =
      load_resources({"-", R"({"memory": {"limit": 67108864}, "pids": {"limit": 5}})"}, warnings);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->memory->limit, 67108864);
  EXPECT_EQ(good->pids_limit, 5);
}

Result<std::vector<Mount>> load_list(std::string_view json, MountsFor what = MountsFor::Adding) {
  std::vector<std::string> warnings;
  Spec container{.linux_ = Linux{}};
  container.linux_->namespaces = {{.type = "mount", .path = {}}};
  return load_mounts({.name = "add.json", .bytes = json}, container, what, warnings);
}

TEST(LoadMounts, PathsAreThoseOfAConfiguration) {
  const Result<std::vector<Mount>> bad = load_list(
      "[{\"destination\": \"/a\", \"type\": \"tmpfs\"},\n {\"destination\": 7}, {\"type\": "
      "\"x\"}]");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message(),
            "add.json:2:18: mounts[1].destination: expected a string, got an integer\n"
            "add.json:2:22: mounts[2].destination: missing");
  const Result<std::vector<Mount>> no_list = load_list("{}");
  ASSERT_FALSE(no_list);
  EXPECT_EQ(no_list.error().message(), "add.json:1:1: mounts: expected an array, got an object");
}

TEST(LoadMounts, ADestinationIsEnoughToRemoveOne) {
  const Result<std::vector<Mount>> good =
      load_list(R"([{"destination": "/a"}])", MountsFor::Removing);
  ASSERT_TRUE(good);
  EXPECT_EQ((*good)[0].destination, "/a");
  EXPECT_FALSE(load_list(R"([{"destination": "/a"}])"));
  EXPECT_FALSE(load_list(R"([{"type": "tmpfs"}])", MountsFor::Removing));
}

TEST(LoadMounts, TheOptionsOfWellKnownOnesAreThoseOfCreate) {
  const Result<std::vector<Mount>> good =
      load_list(R"([{"destination": "/dev/shm", "type": "tmpfs"}])");
  ASSERT_TRUE(good);
  EXPECT_TRUE((*good)[0].options);
}

}  // namespace
}  // namespace brig::spec
