// What is wrong at the top of a configuration and in its process, in the words the user reads.
#include <gtest/gtest.h>

#include "spec/faulty_config_test.h"
#include "spec/load.h"

namespace brig::spec {
namespace {

TEST(ValidateSpec, VersionProcessAndRootAreNeeded) {
  constexpr char kRest[] = R"("process": {"cwd": "/", "args": ["sh"]}, "root": {"path": "r"},
                              "linux": {"namespaces": [{"type": "mount"}]}})";
  const Fault versions[] = {
      {"@{", "ociVersion: missing"},
      {"{\"ociVersion\": @null, ", "ociVersion: missing"},
      {"{\"ociVersion\": @1.3, ", "ociVersion: expected a string, got a number"},
      {"{\"ociVersion\": @\"\", ", "ociVersion: expected a version such as 1.3.0, got ''"},
      {"{\"ociVersion\": @\"1.0\", ", "ociVersion: expected a version such as 1.3.0, got '1.0'"},
      {"{\"ociVersion\": @\"1.0.0.0\", ",
       "ociVersion: expected a version such as 1.3.0, got '1.0.0.0'"},
      {"{\"ociVersion\": @\"01.0.0\", ",
       "ociVersion: expected a version such as 1.3.0, got '01.0.0'"},
      {"{\"ociVersion\": @\"1.0.0-\", ",
       "ociVersion: expected a version such as 1.3.0, got '1.0.0-'"},
      {"{\"ociVersion\": @\"1.0.0-01\", ",
       "ociVersion: expected a version such as 1.3.0, got '1.0.0-01'"},
      {"{\"ociVersion\": @\"1.0.0+a..b\", ",
       "ociVersion: expected a version such as 1.3.0, got '1.0.0+a..b'"},
      {"{\"ociVersion\": @\"v1.0.0\", ",
       "ociVersion: expected a version such as 1.3.0, got 'v1.0.0'"},
      {"{\"ociVersion\": @\"0.5.0-dev\", ",
       "ociVersion: version 0.5.0-dev is not supported, only 1.x is"},
      {"{\"ociVersion\": @\"2.0.0\", ", "ociVersion: version 2.0.0 is not supported, only 1.x is"},
      {"{\"ociVersion\": @\"10.0.0\", ",
       "ociVersion: version 10.0.0 is not supported, only 1.x is"},
  };
  for (const Fault& fault : versions) {
    const Marked config = marked(cat(fault.json, kRest));
    EXPECT_EQ(load(config.json).error, config.position + fault.finding) << fault.json;
  }
  for (const char* good : {"1.0.0", "1.0.2-dev", "1.3.0", "1.99.0-rc.1+build.007", "1.0.0-0a.b-c"})
    EXPECT_EQ(load(cat("{\"ociVersion\": \"", good, "\", ", kRest)).error, "") << good;

  const Fault rest[] = {
      {R"(@{"ociVersion": "1.0.0", "root": {"path": "r"}})", "process: missing; create needs it"},
      {R"(@{"ociVersion": "1.0.0", "process": {"cwd": "/", "args": ["a"]}})", "root: missing"},
      {R"({"ociVersion": "1.0.0", "process": {"cwd": "/", "args": ["a"]}, "root": @{}})",
       "root.path: missing"},
      {R"({"ociVersion": "1.0.0", "process": {"cwd": "/", "args": ["a"]}, "root": {"path": @""}})",
       "root.path: must not be empty"},
      {R"({"ociVersion": "1.0.0", "process": {"cwd": "/", "args": ["a"]}, "root": {"path": "r",
          "readonly": @true}, "linux": {}})",
       "root.readonly: needs a mount namespace in linux.namespaces"},
  };
  expect_errors(rest, as_it_is);
}

TEST(ValidateSpec, FaultsOfTheProcess) {
  const Fault faults[] = {
      {R"("args": @[])", "process.args: must have at least one entry"},
      {R"("cwd": @"")", "process.cwd: expected an absolute path, got ''"},
      {R"("cwd": @"tmp")", "process.cwd: expected an absolute path, got 'tmp'"},
      {R"("env": ["A=b", @"FOO"])", "process.env[1]: expected NAME=VALUE, got 'FOO'"},
      {R"("env": [@"=secret"])", "process.env[0]: expected NAME=VALUE, got no name"},
      {R"("user": {"uid": @4294967295})", "process.user.uid: 4294967295 is not an id"},
      {R"("user": {"additionalGids": [@4294967295]})",
       "process.user.additionalGids[0]: 4294967295 is not an id"},
      {R"("user": {"umask": @512})",
       "process.user.umask: expected an integer from 0 to 511 (octal 777), got 512"},
      {R"("rlimits": [{"type": @"RLIMIT_FOO", "soft": 1, "hard": 1}])",
       "process.rlimits[0].type: unknown rlimit 'RLIMIT_FOO'"},
      {R"("rlimits": [{"type": @"nofile", "soft": 1, "hard": 1}])",
       "process.rlimits[0].type: unknown rlimit 'nofile'"},
      {R"("rlimits": [{"type": "RLIMIT_CPU", "soft": 1, "hard": 1},
                      {"type": @"RLIMIT_CPU", "soft": 1, "hard": 1}])",
       "process.rlimits[1].type: duplicate rlimit 'RLIMIT_CPU'"},
      {R"("rlimits": [{"type": "RLIMIT_CPU", "soft": @3, "hard": 2}])",
       "process.rlimits[0].soft: 3 exceeds the hard limit of 2"},
      {R"("oomScoreAdj": @1001)",
       "process.oomScoreAdj: expected an integer from -1000 to 1000, got 1001"},
      {R"("terminal": true, "consoleSize": {"height": 1, "width": @65536})",
       "process.consoleSize.width: expected an integer from 0 to 65535, got 65536"},
      {R"("scheduler": {"policy": @"FAST"})",
       "process.scheduler.policy: unknown scheduling policy 'FAST'"},
      {R"("execCPUAffinity": {"initial": @"all"})",
       "process.execCPUAffinity.initial: expected a list of CPUs such as 0-3,7, got 'all'"},
  };
  for (const Fault& fault : faults) {
    const Marked config = marked(in_process(fault.json));
    const std::string error = load(config.json).error;  // a scheduler is not supported either
    EXPECT_EQ(error.substr(0, error.find('\n')), config.position + fault.finding) << fault.json;
  }
  EXPECT_EQ(load(in_process(R"("consoleSize": {"height": 1, "width": 65536})")).error, "");
  EXPECT_EQ(load(in_process(R"("execCPUAffinity": {"initial": "0-3, 7", "final": ""})")).error, "");
}

TEST(ValidateSpec, RulesOfSchedulingAndIoPriority) {
  const Fault faults[] = {
      {R"("scheduler": {"policy": "SCHED_OTHER", "nice": @20})",
       "process.scheduler.nice: expected an integer from -20 to 19, got 20"},
      {R"("scheduler": {"policy": "SCHED_FIFO", "priority": @0})",
       "process.scheduler.priority: expected an integer from 1 to 99, got 0"},
      {R"("scheduler": {"policy": "SCHED_OTHER", "priority": @5})",
       "process.scheduler.priority: needs the policy SCHED_FIFO or SCHED_RR"},
      {R"("scheduler": {"policy": "SCHED_OTHER", "runtime": @5})",
       "process.scheduler.runtime: needs the policy SCHED_DEADLINE"},
      {R"("scheduler": {"policy": "SCHED_OTHER", "flags": [@"SCHED_FLAG_X"]})",
       "process.scheduler.flags[0]: unknown scheduling flag 'SCHED_FLAG_X'"},
      {R"("ioPriority": {"class": @"IOPRIO_CLASS_X"})",
       "process.ioPriority.class: unknown I/O priority class 'IOPRIO_CLASS_X'"},
      {R"("ioPriority": {"class": "IOPRIO_CLASS_BE", "priority": @8})",
       "process.ioPriority.priority: expected an integer from 0 to 7, got 8"},
  };
  for (const Fault& fault : faults) {
    const Marked config = marked(in_process(fault.json));
    const std::string error = load(config.json).error;
    EXPECT_EQ(error.substr(0, error.find('\n')), config.position + fault.finding) << fault.json;
  }
}

TEST(ValidateSpec, WhatIsOnlyOddIsAWarning) {
  const Fault in_processes[] = {
      {R"("capabilities": {"bounding": ["CAP_KILL", @"CAP_FOO"]})",
       "process.capabilities.bounding[1]: unknown capability 'CAP_FOO'; ignored"},
      {R"("capabilities": {"ambient": [@"cap_kill"]})",
       "process.capabilities.ambient[0]: unknown capability 'cap_kill'; ignored"},
  };
  expect_warnings(in_processes, in_process);
  const Fault elsewhere[] = {
      {R"("process": @{"args": ["sh"]})", "process.cwd: missing; using '/'"},
      {R"("mounts": [{"destination": @"data", "type": "tmpfs"}])",
       "mounts[0].destination: relative paths are deprecated; using '/data'"},
      {R"("linux": {"namespaces": [{"type": "mount"}], "seccomp": {
            "defaultAction": "SCMP_ACT_ALLOW", "listenerPath": @"/run/x"}})",
       "linux.seccomp.listenerPath: ignored: nothing has the action SCMP_ACT_NOTIFY"},
  };
  for (const Fault& fault : elsewhere) {
    const Marked config = marked(in_document(fault.json));
    const Outcome outcome = load(config.json);
    EXPECT_EQ(outcome.warnings, std::vector<std::string>{config.position + fault.finding});
  }
}

TEST(ValidateSpec, FaultsOfNamesMountsAndHooks) {
  const std::string longest(64, 'x'), too_long(65, 'x');
  EXPECT_EQ(load(in_document(cat("\"hostname\": \"", longest, "\""))).error, "");
  const std::string hostname = cat("\"hostname\": @\"", too_long, "\"");
  const Fault faults[] = {
      {hostname.c_str(), "hostname: longer than 64 bytes"},
      {R"("linux": {}, "hostname": @"a")", "hostname: needs a uts namespace in linux.namespaces"},
      {R"("linux": {}, "domainname": @"a")",
       "domainname: needs a uts namespace in linux.namespaces"},
      {R"("linux": {}, "mounts": @[{"destination": "/a", "type": "tmpfs"}])",
       "mounts: needs a mount namespace in linux.namespaces"},
      {R"("mounts": [{"destination": @"", "type": "tmpfs"}])",
       "mounts[0].destination: must not be empty"},
      {R"("mounts": [@{"destination": "/a"}])",
       "mounts[0].type: missing; only a bind mount has none"},
      {R"("mounts": [@{"destination": "/a", "type": "bind"}])",
       "mounts[0].source: missing; a bind mount needs it"},
      {R"("mounts": [@{"destination": "/a", "options": ["rbind"]}])",
       "mounts[0].source: missing; a bind mount needs it"},
      {R"("mounts": [{"destination": @"/a\u0000b", "type": "tmpfs"}])",
       "mounts[0].destination: contains a NUL byte"},
      {R"("annotations": @{"a": "", "": "b"})", "annotations: a name must not be empty"},
      {R"("hooks": {"prestart": [{"path": @"bin/x"}]})",
       "hooks.prestart[0].path: expected an absolute path, got 'bin/x'"},
      {R"("hooks": {"createRuntime": [{"path": "/a"}, {"path": "/a", "timeout": @0}]})",
       "hooks.createRuntime[1].timeout: must be greater than 0, got 0"},
      {R"("hooks": {"createContainer": [{"path": @""}]})",
       "hooks.createContainer[0].path: expected an absolute path, got ''"},
      {R"("hooks": {"startContainer": [{"path": "/a", "timeout": @-5}]})",
       "hooks.startContainer[0].timeout: must be greater than 0, got -5"},
      {R"("hooks": {"poststart": [{"path": @"x"}]})",
       "hooks.poststart[0].path: expected an absolute path, got 'x'"},
      {R"("hooks": {"poststop": [{"path": @"x"}]})",
       "hooks.poststop[0].path: expected an absolute path, got 'x'"},
  };
  expect_errors(faults, in_document);
  EXPECT_EQ(
      load(in_document(R"("mounts": [{"destination": "/a", "options": ["remount", "ro"]}])")).error,
      "");
}

}  // namespace
}  // namespace brig::spec
