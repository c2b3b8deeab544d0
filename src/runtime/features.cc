#include "runtime/features.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "linux/credentials/names.h"
#include "linux/mount/options.h"
#include "linux/seccomp/names.h"
#include "runtime/version.h"
#include "spec/annotations.h"
#include "spec/names.h"

namespace brig::runtime {
namespace {

constexpr std::string_view kHooks[] = {"prestart",       "createRuntime", "createContainer",
                                       "startContainer", "poststart",     "poststop"};
constexpr std::string_view kNamespaces[] = {"cgroup", "ipc",  "mount", "network",
                                            "pid",    "time", "user",  "uts"};

std::vector<std::string_view> sorted(std::vector<std::string_view> names) {
  std::ranges::sort(names);
  return names;
}

void enabled(json::Writer& writer, std::string_view feature, bool supported) {
  writer.key(feature);
  writer.begin_object();
  writer.member("enabled", supported);
  writer.end_object();
}

void append_cgroup(json::Writer& writer) {
  writer.key("cgroup");
  writer.begin_object();
  writer.member("v1", true);
  writer.member("v2", true);
  writer.member("systemd", true);
  writer.member("systemdUser", true);
  writer.member("rdma", true);
  writer.end_object();
}

void append_seccomp(json::Writer& writer) {
  writer.key("seccomp");
  writer.begin_object();
  writer.member("enabled", true);
  writer.strings("actions", sorted(seccomp_action_names()));
  writer.strings("operators", sorted(seccomp_operator_names()));
  writer.strings("archs", sorted(seccomp_arch_names()));
  writer.strings("knownFlags", sorted(seccomp_flag_names()));
  writer.strings("supportedFlags", sorted(seccomp_flag_names()));
  writer.end_object();
}

void append_intel_rdt(json::Writer& writer) {
  writer.key("intelRdt");
  writer.begin_object();
  writer.member("enabled", true);
  writer.member("schemata", true);
  writer.member("monitoring", true);
  writer.end_object();
}

void append_memory_policy(json::Writer& writer) {
  writer.key("memoryPolicy");
  writer.begin_object();
  writer.strings("modes", spec::kMemoryPolicyModeNames);
  writer.strings("flags", spec::kMemoryPolicyFlagNames);
  writer.end_object();
}

void append_linux(json::Writer& writer) {
  writer.key("linux");
  writer.begin_object();
  writer.strings("namespaces", kNamespaces);
  writer.strings("capabilities", capability_names());
  append_cgroup(writer);
  append_seccomp(writer);
  enabled(writer, "apparmor", true);
  enabled(writer, "selinux", true);
  append_intel_rdt(writer);
  writer.key("mountExtensions");
  writer.begin_object();
  enabled(writer, "idmap", true);
  writer.end_object();
  enabled(writer, "netDevices", true);
  append_memory_policy(writer);
  writer.end_object();
}

void append_annotations(json::Writer& writer) {
  writer.key("annotations");
  writer.begin_object();
  if (!commit().empty()) writer.member("brig.commit", commit());
  writer.member("brig.version", version());
  writer.member("io.github.seccomp.libseccomp.version", libseccomp_version());
  writer.end_object();
}

}  // namespace

std::string features_json() {
  json::Writer writer(json::Writer::Pretty{.spaces = 4, .tab = false});
  writer.begin_object();
  writer.member("ociVersionMin", "1.0.0");
  writer.member("ociVersionMax", kSpecVersion);
  writer.strings("hooks", kHooks);
  writer.strings("mountOptions", sorted(mount_option_names()));
  append_linux(writer);
  append_annotations(writer);
  writer.strings("potentiallyUnsafeConfigAnnotations", spec::unsafe_annotations());
  writer.end_object();
  return writer.take();
}

}  // namespace brig::runtime
