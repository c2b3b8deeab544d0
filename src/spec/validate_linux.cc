#include <algorithm>

#include "spec/validate.h"
#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

constexpr std::int64_t kMaxMajor = 4095, kMaxMinor = 1048575;  // dev_t of the kernel: 12 + 20 bits
constexpr std::uint32_t kMaxMode = 07777;
constexpr std::size_t kInterfaceNameSize = 16;  // IFNAMSIZ, with a NUL

bool contains_text(const Strings& texts, std::string_view wanted) {
  return std::ranges::find(texts, wanted) != texts.end();
}

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
    flags.at(i).error(quote(personality.flags[i]),
                      " is not supported: the specification defines no flags");
}

// closID names a directory of resctrl; "/" is its root.
void validate_intel_rdt(const IntelRdt& rdt, const Place& here) {
  const std::string& id = rdt.clos_id;
  if (id == "." || id == ".." || (id != "/" && id.contains('/')))
    here.at("closID").error("expected the name of a directory, got ", quote(id));
  if (rdt.mem_bw_schema.contains('\n')) here.at("memBwSchema").error("must be one line");
  if (!rdt.mem_bw_schema.empty() && !rdt.mem_bw_schema.starts_with("MB:"))
    here.at("memBwSchema").error("must start with 'MB:'");
  if (!rdt.schemata) return;
  const Place schemata = here.at("schemata");
  for (std::size_t i = 0; i < rdt.schemata->size(); ++i)
    if ((*rdt.schemata)[i].contains('\n')) schemata.at(i).error("must be one line");
}

void validate_memory_flags(const MemoryPolicy& policy, const Place& here) {
  check_all_known(policy.flags, kMemoryPolicyFlags, here);
  const auto has = [&](std::string_view flag) { return contains_text(policy.flags, flag); };
  const bool by_node = has("MPOL_F_STATIC_NODES") || has("MPOL_F_RELATIVE_NODES");
  if (has("MPOL_F_STATIC_NODES") && has("MPOL_F_RELATIVE_NODES"))
    here.error("MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES exclude each other");
  if (by_node && policy.nodes.empty())
    here.error("MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES need nodes");
  if (has("MPOL_F_NUMA_BALANCING") && policy.mode != "MPOL_BIND" &&
      policy.mode != "MPOL_PREFERRED_MANY")
    here.error("MPOL_F_NUMA_BALANCING needs the mode MPOL_BIND or MPOL_PREFERRED_MANY");
}

// set_mempolicy(2)
void validate_memory_policy(const MemoryPolicy& policy, const Place& here) {
  check_known(policy.mode, kMemoryPolicyModes, here.at("mode"));
  const bool takes_none = policy.mode == "MPOL_DEFAULT" || policy.mode == "MPOL_LOCAL";
  if (takes_none && !policy.nodes.empty()) here.at("nodes").error(policy.mode, " takes no nodes");
  if (!takes_none && policy.mode != "MPOL_PREFERRED" && policy.nodes.empty() &&
      contains(kMemoryPolicyModeNames, policy.mode))
    here.error(policy.mode, " needs nodes");
  validate_memory_flags(policy, here.at("flags"));
}

// dev_valid_name() of the kernel.
bool is_device_name(std::string_view name) {
  constexpr std::string_view kRefused("/: \t\n\v\f\r\0", 9);
  return !name.empty() && name.size() < kInterfaceNameSize && name != "." && name != ".." &&
         name.find_first_of(kRefused) == name.npos;
}

// "eth%d": the kernel's way to ask for a number that is free.
bool is_new_device_name(std::string_view name) {
  const std::size_t percent = name.find('%');
  return percent == name.npos ||
         (name.substr(percent, 2) == "%d" && name.find('%', percent + 1) == name.npos);
}

void validate_net_devices(const Spec& spec, const StringMap& devices, const Place& here) {
  if (devices.empty()) return;
  check_own_namespace(spec, "network", here);
  std::map<std::string_view, std::string_view> users;
  for (const auto& [host_name, name] : devices) {
    const Place place = here.at(host_name);
    for (const std::string& each : {host_name, name})
      if (!is_device_name(each)) {
        place.error("not a name for a network device: ", quote(each));
        break;
      }
    if (!is_new_device_name(name))
      place.at("name").error("expected one %d or none, got ", quote(name));
    const auto [user, is_first] = users.try_emplace(name, host_name);
    if (!is_first && !name.contains('%'))
      place.error("is to have the name of ", quote(user->second), ": ", quote(name));
  }
}

}  // namespace

void validate_linux(const Spec& spec, const Linux& section, const Place& here) {
  validate_namespaces(section, here);
  // More than there are kinds: a fault for certain. The checks below look through the list often.
  if (section.namespaces.size() > std::size(kNamespaceNames)) return;
  validate_devices(spec, section.devices, here.at("devices"));
  validate_net_devices(spec, section.net_devices, here.at("netDevices"));
  validate_cgroups_path(section.cgroups_path, here.at("cgroupsPath"));
  validate_resources(section.resources, here.at("resources"));
  validate_propagation(spec, section.rootfs_propagation, here.at("rootfsPropagation"));
  validate_paths(spec, section.masked_paths, here.at("maskedPaths"));
  validate_paths(spec, section.readonly_paths, here.at("readonlyPaths"));
  validate_sysctl(spec, section.sysctl, here.at("sysctl"));
  if (section.seccomp) validate_seccomp(spec, *section.seccomp, here.at("seccomp"));
  if (section.intel_rdt) validate_intel_rdt(*section.intel_rdt, here.at("intelRdt"));
  if (section.memory_policy)
    validate_memory_policy(*section.memory_policy, here.at("memoryPolicy"));
  if (section.personality) validate_personality(*section.personality, here.at("personality"));
}

}  // namespace brig::spec
