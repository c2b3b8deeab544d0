#include "spec/annotations.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "spec/faulty_config_test.h"

namespace brig::spec {
namespace {

std::string with(std::string_view name, std::string_view value) {
  return in_document(cat("\"annotations\": {\"", name, "\": \"", value, "\"}"));
}

// What is said of it, without the place.
std::string fault_of(std::string_view name, std::string_view value) {
  const std::string error = load(with(name, value)).error;
  const std::string path = cat("annotations[\"", name, "\"]: ");
  const std::size_t at = error.find(path);
  return at == std::string::npos ? error : error.substr(at + path.size());
}

TEST(Annotations, ValuesThatMeanNothingAreNamed) {
  EXPECT_EQ(fault_of("run.oci.mount_context_type", "rootcontext"), "");
  EXPECT_EQ(fault_of("run.oci.mount_context_type", "ctx"),
            "expected context, fscontext, defcontext or rootcontext, got 'ctx'");
  for (const std::string_view path : {"run.oci.pidfd_receiver", "run.oci.hooks.stdout",
                                      "run.oci.hooks.stderr", "run.oci.seccomp.receiver"}) {
    EXPECT_EQ(fault_of(path, "/run/x"), "");
    EXPECT_EQ(fault_of(path, "x"), "expected an absolute path, got 'x'");
    EXPECT_EQ(fault_of(path, ""), "expected an absolute path, got ''");
  }
}

TEST(Annotations, AFilterIsInBase64) {
  for (const std::string_view good : {"BgAAAAAA/38=", "AAAA", "AA==", "+/9="})
    EXPECT_EQ(fault_of("run.oci.seccomp_bpf_data", good), "") << good;
  for (const std::string_view bad : {"", "=", "====", "A===", "AAA", "AA=A", "AA A", "AAA_", "A"})
    EXPECT_EQ(fault_of("run.oci.seccomp_bpf_data", bad),
              "expected a program for seccomp(2) in base64")
        << bad;
}

TEST(Annotations, WhatBrigCannotDoIsRefusedWithARemedy) {
  EXPECT_EQ(fault_of("run.oci.handler", "krun"),
            "there is no handler 'krun': brig runs programs as they are; leave the annotation out, "
            "or use crun");
  EXPECT_EQ(fault_of("run.oci.seccomp.plugins", "a.so"),
            "brig loads no plugins; use run.oci.seccomp.receiver or linux.seccomp.listenerPath");
  EXPECT_EQ(fault_of("run.oci.systemd.subgroup", "x"),
            "brig puts a container into its scope itself; leave the annotation out, or empty");
  EXPECT_EQ(fault_of("run.oci.delegate-cgroup", "x"),
            "not supported: with a cgroup namespace and a writable cgroup mount the container "
            "manages its own cgroup on v2");
  EXPECT_EQ(fault_of("run.oci.systemd.force_cgroup_v1", "/x"),
            "not supported: bind the named hierarchy of the host as a mount");
  EXPECT_EQ(fault_of("run.oci.timens_offset", "1 2 3"), "use linux.timeOffsets");
  EXPECT_EQ(fault_of("krun.cpus", "2"),
            "brig makes no virtual machines; use crun built with libkrun");
  EXPECT_EQ(fault_of("module.wasm.image/variant", "compat"),
            "brig runs no WebAssembly; use crun or youki built for it");
}

TEST(Annotations, WhatEnginesSetIsFine) {
  for (const auto& [name, value] : StringMap{{"run.oci.handler", ""},
                                             {"run.oci.systemd.subgroup", ""},
                                             {"run.oci.delegate-cgroup", ""},
                                             {"io.kubernetes.cri.container-type", "sandbox"},
                                             {"org.criu.config", "/etc/criu"},
                                             {"io.podman.annotations.autoremove", "TRUE"},
                                             {"run.oci.keep_original_groups", "1"}}) {
    EXPECT_EQ(load(with(name, value)).error, "") << name;
    EXPECT_TRUE(load(with(name, value)).warnings.empty()) << name;
  }
  EXPECT_EQ(load(with("run.oci.handler", "crun")).error, "");
}

TEST(Annotations, AnUnknownOneOfCrunsIsAWarning) {
  const Outcome outcome = load(with("run.oci.hooks.stdin", "/x"));
  EXPECT_EQ(outcome.error, "");
  ASSERT_EQ(outcome.warnings.size(), 1U);
  EXPECT_TRUE(outcome.warnings[0].ends_with(
      "annotations[\"run.oci.hooks.stdin\"]: unknown annotation; ignored"));
}

TEST(Annotations, ZeroIsNoWish) {
  const StringMap annotations = {{"a", "0"}, {"b", ""}, {"c", "1"}};
  EXPECT_FALSE(has_annotation(annotations, "a"));
  EXPECT_TRUE(has_annotation(annotations, "b"));
  EXPECT_TRUE(has_annotation(annotations, "c"));
  EXPECT_FALSE(has_annotation(annotations, "d"));
}

TEST(Annotations, WhatIsHonouredIsUnsafe) {
  for (const KnownAnnotation& annotation : known_annotations()) {
    if (annotation.treatment != Treatment::Honoured) continue;
    EXPECT_TRUE(std::ranges::any_of(unsafe_annotations(), [&](std::string_view family) {
      return annotation.name.starts_with(family);
    })) << annotation.name;
  }
}

}  // namespace
}  // namespace brig::spec
