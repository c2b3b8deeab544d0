// Namespaces, and what only a namespace of a certain kind can hold: id maps and clock offsets.
#include "spec/namespaces.h"
#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

constexpr std::size_t kMaxMappings = 340;  // user_namespaces(7), since Linux 4.15
constexpr std::uint32_t kNanosecondsPerSecond = 1'000'000'000;

bool overlap(std::uint32_t a, std::uint32_t a_size, std::uint32_t b, std::uint32_t b_size) {
  return a < std::uint64_t{b} + b_size && b < std::uint64_t{a} + a_size;
}

bool overlap(const IdMapping& a, const IdMapping& b) {
  return overlap(a.container_id, a.size, b.container_id, b.size) ||
         overlap(a.host_id, a.size, b.host_id, b.size);
}

// The last id, (uid_t)-1, means "none" to the kernel and cannot be mapped.
void check_id_range(std::uint32_t first, std::uint32_t size, const Place& here) {
  if (std::uint64_t{first} + size > UINT32_MAX)
    here.error(size, " ids from ", first, " reach beyond ", UINT32_MAX - 1);
}

void validate_mapping(const std::vector<IdMapping>& mappings, std::size_t index,
                      const Place& here) {
  const IdMapping& mapping = mappings[index];
  if (mapping.size == 0) return here.at("size").error("must not be 0");
  check_id_range(mapping.container_id, mapping.size, here.at("containerID"));
  check_id_range(mapping.host_id, mapping.size, here.at("hostID"));
  for (std::size_t i = 0; i < index; ++i)
    if (overlap(mappings[i], mapping)) return here.error("overlaps entry ", i);
}

void validate_mappings(const Linux& section, const std::vector<IdMapping>& mappings,
                       const Place& here) {
  if (mappings.empty() && creates_namespace(section, "user"))
    return here.error("missing; a new user namespace needs it");
  if (!mappings.empty() && find_namespace(section, "user") == nullptr)
    return here.error("needs a user namespace in linux.namespaces");
  validate_id_ranges(mappings, here);
}

void validate_time_offsets(const Linux& section, const Place& here) {
  if (section.time_offsets.empty()) return;
  if (!creates_namespace(section, "time"))
    here.error("needs a new time namespace in linux.namespaces");
  for (const auto& [clock, offset] : section.time_offsets) {
    const Place place = here.at(clock);
    check_known(clock, kClocks, place);
    if (offset.nanosecs >= kNanosecondsPerSecond)
      place.at("nanosecs")
          .error("expected an integer from 0 to ", kNanosecondsPerSecond - 1, ", got ",
                 offset.nanosecs);
  }
}

}  // namespace

void validate_id_ranges(const std::vector<IdMapping>& mappings, const Place& here) {
  if (mappings.size() > kMaxMappings)
    return here.error(mappings.size(), " entries; the kernel takes ", kMaxMappings);
  for (std::size_t i = 0; i < mappings.size(); ++i) validate_mapping(mappings, i, here.at(i));
}

void validate_namespaces(const Linux& section, const Place& here) {
  std::vector<std::string_view> seen;
  const Place list = here.at("namespaces");
  for (std::size_t i = 0; i < section.namespaces.size(); ++i) {
    const Namespace& ns = section.namespaces[i];
    const Place place = list.at(i);
    check_known_once(ns.type, kNamespaces, seen, place.at("type"));
    if (!ns.path.empty()) check_absolute(ns.path, place.at("path"));
  }
  validate_mappings(section, section.uid_mappings, here.at("uidMappings"));
  validate_mappings(section, section.gid_mappings, here.at("gidMappings"));
  validate_time_offsets(section, here.at("timeOffsets"));
}

}  // namespace brig::spec
