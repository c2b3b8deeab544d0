// What the specification allows and this version of brig cannot do. To leave any of it out would
// be a container other than the one that was asked for, so it is refused by name. A feature that
// arrives takes its line away here.
#include "spec/validate.h"

namespace brig::spec {
namespace {

constexpr char kNotSupported[] = " are not supported by this version";

template <class Section>
struct Unsupported {
  std::string_view member, what;
  bool (*is_asked_for)(const Section&);
};

constexpr Unsupported<Linux> kInLinux[] = {
    {"netDevices", "network devices", [](const Linux& l) { return !l.net_devices.empty(); }},
    {"intelRdt", "Intel RDT groups", [](const Linux& l) { return l.intel_rdt.has_value(); }},
    {"memoryPolicy", "memory policies", [](const Linux& l) { return l.memory_policy.has_value(); }},
};

constexpr Unsupported<Mount> kInMount[] = {
    {"uidMappings", "id-mapped mounts", [](const Mount& m) { return !m.uid_mappings.empty(); }},
    {"gidMappings", "id-mapped mounts", [](const Mount& m) { return !m.gid_mappings.empty(); }},
};

template <class Section, std::size_t N>
void refuse(const Unsupported<Section> (&table)[N], const Section& section, const Place& here) {
  for (const Unsupported<Section>& entry : table)
    if (entry.is_asked_for(section)) here.at(entry.member).error(entry.what, kNotSupported);
}

// "idmap", "ridmap", and crun's "idmap=uids=0-1000-1"
bool is_id_mapping(std::string_view option) {
  const std::string_view name = option.substr(0, option.find('='));
  return name == "idmap" || name == "ridmap";
}

void refuse_in_mount(const Mount& mount, const Place& here) {
  refuse(kInMount, mount, here);
  if (!mount.options) return;
  const Place options = here.at("options");
  for (std::size_t i = 0; i < mount.options->size(); ++i)
    if (is_id_mapping((*mount.options)[i])) options.at(i).error("id-mapped mounts", kNotSupported);
}

}  // namespace

void validate_supported(const Spec& spec, Findings& findings) {
  const Place root(findings);
  const Place mounts = root.at("mounts");
  for (std::size_t i = 0; i < spec.mounts.size(); ++i)
    refuse_in_mount(spec.mounts[i], mounts.at(i));
  if (!spec.linux_) return;
  const Place section = root.at("linux");
  refuse(kInLinux, *spec.linux_, section);
}

}  // namespace brig::spec
