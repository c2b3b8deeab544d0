#include <algorithm>

#include "spec/validate.h"
#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

constexpr std::int64_t kMaxMajor = 4095, kMaxMinor = 1048575;  // dev_t of the kernel: 12 + 20 bits
constexpr std::uint32_t kMaxMode = 07777;

void validate_paths(const Spec& spec, const Strings& paths, const Place& here) {
  if (paths.empty()) return;
  check_own_namespace(spec, "mount", here);
  for (std::size_t i = 0; i < paths.size(); ++i) check_absolute(paths[i], here.at(i));
}

void validate_device(const Device& device, const Place& here) {
  check_known(device.type, kDeviceTypes, here.at("type"));
  check_absolute(device.path, here.at("path"));
  check_range(device.major, 0, kMaxMajor, here.at("major"));
  check_range(device.minor, 0, kMaxMinor, here.at("minor"));
  if (device.file_mode && *device.file_mode > kMaxMode)
    here.at("fileMode")
        .error("expected an integer from 0 to ", kMaxMode, " (octal 7777), got ",
               *device.file_mode);
}

void validate_devices(const Spec& spec, const std::vector<Device>& devices, const Place& here) {
  if (devices.empty()) return;
  check_own_namespace(spec, "mount", here);
  for (std::size_t i = 0; i < devices.size(); ++i) validate_device(devices[i], here.at(i));
}

void validate_propagation(const Spec& spec, const std::string& propagation, const Place& here) {
  if (propagation.empty()) return;
  check_known(propagation, kPropagations, here);
  check_own_namespace(spec, "mount", here);
}

// One ".." and the container would be in somebody else's cgroup.
void validate_cgroups_path(std::string_view path, const Place& here) {
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (path.substr(begin, end - begin) == "..") return here.error("must not contain '..'");
    begin = end + 1;
  }
}

void validate_personality(const Personality& personality, const Place& here) {
  check_known(personality.domain, kPersonalityDomains, here.at("domain"));
  const Place flags = here.at("flags");
  for (std::size_t i = 0; i < personality.flags.size(); ++i)
    flags.at(i).warn("unknown personality flag ", quote(personality.flags[i]), "; ignored");
}

// closID names a directory of resctrl; "/" is its root.
void validate_intel_rdt(const IntelRdt& rdt, const Place& here) {
  const std::string& id = rdt.clos_id;
  if (id == "." || id == ".." || (id != "/" && id.contains('/')))
    here.at("closID").error("expected the name of a directory, got ", quote(id));
  if (rdt.l3_cache_schema.contains('\n')) here.at("l3CacheSchema").error("must be one line");
  if (rdt.mem_bw_schema.contains('\n')) here.at("memBwSchema").error("must be one line");
  if (!rdt.mem_bw_schema.empty() && !rdt.mem_bw_schema.starts_with("MB:"))
    here.at("memBwSchema").error("must start with 'MB:'");
}

void validate_memory_policy(const MemoryPolicy& policy, const Place& here) {
  check_known(policy.mode, kMemoryPolicyModes, here.at("mode"));
  check_all_known(policy.flags, kMemoryPolicyFlags, here.at("flags"));
}

}  // namespace

void validate_linux(const Spec& spec, const Linux& section, const Place& here) {
  validate_namespaces(section, here);
  // More than there are kinds: a fault for certain. The checks below look through the list often.
  if (section.namespaces.size() > std::size(kNamespaceNames)) return;
  validate_devices(spec, section.devices, here.at("devices"));
  if (!section.net_devices.empty()) check_own_namespace(spec, "network", here.at("netDevices"));
  validate_cgroups_path(section.cgroups_path, here.at("cgroupsPath"));
  validate_resources(section.resources, here.at("resources"));
  validate_propagation(spec, section.rootfs_propagation, here.at("rootfsPropagation"));
  validate_paths(spec, section.masked_paths, here.at("maskedPaths"));
  validate_paths(spec, section.readonly_paths, here.at("readonlyPaths"));
  validate_sysctl(spec, section.sysctl, here.at("sysctl"));
  if (section.seccomp) validate_seccomp(*section.seccomp, here.at("seccomp"));
  if (section.intel_rdt) validate_intel_rdt(*section.intel_rdt, here.at("intelRdt"));
  if (section.memory_policy)
    validate_memory_policy(*section.memory_policy, here.at("memoryPolicy"));
  if (section.personality) validate_personality(*section.personality, here.at("personality"));
}

}  // namespace brig::spec
