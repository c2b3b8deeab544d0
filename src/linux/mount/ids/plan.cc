#include "linux/mount/ids/plan.h"

#include <charconv>

#include "base/split.h"
#include "base/text.h"
#include "spec/namespaces.h"
#include "spec/types.h"

namespace brig {

namespace {

// "0-1000-1", all of it.
std::optional<IdRange> parse_range(std::string_view text) {
  std::uint32_t numbers[3] = {};
  const std::vector<std::string_view> parts = split(text, '-');
  if (parts.size() != 3) return std::nullopt;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string_view part = parts[i];
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), numbers[i]);
    if (error != std::errc() || end != part.data() + part.size()) return std::nullopt;
  }
  if (numbers[2] == 0) return std::nullopt;
  return IdRange{.container_id = numbers[0], .host_id = numbers[1], .size = numbers[2]};
}

// The host's ids of container ids; they may not be torn apart by the container's map.
std::optional<std::uint32_t> on_host(const IdRange& range,
                                     const std::vector<IdRange>& of_container) {
  for (const IdRange& m : of_container) {
    if (range.host_id < m.container_id) continue;
    const std::uint32_t offset = range.host_id - m.container_id;
    if (offset < m.size && range.size <= m.size - offset) return m.host_id + offset;
  }
  return std::nullopt;
}

// "@0-5-1#1-7-2": with @ the second number is an id of the container's.
Result<std::vector<IdRange>> parse_ranges(std::string_view text,
                                          const std::vector<IdRange>& of_container) {
  std::vector<IdRange> ranges;
  for (std::string_view part : split(text, '#')) {
    const bool relative = part.starts_with('@');
    std::optional<IdRange> range = parse_range(part.substr(relative ? 1 : 0));
    if (!range) return fail(Errc::BadConfig, cat("'", part, "' is not a range such as 0-1000-1"));
    if (relative) {
      const std::optional<std::uint32_t> first = on_host(*range, of_container);
      if (!first)
        return fail(Errc::BadConfig,
                    cat("'", part, "' is not in one range of the container's map"));
      range->host_id = *first;
    }
    ranges.push_back(*range);
  }
  return ranges;
}

Result<MountIds> parse_maps(std::string_view text, const spec::Linux& linux_section) {
  MountIds ids;
  for (const std::string_view part : split(text, ';')) {
    if (part.starts_with("uids="))
      ids.uids = TRY(parse_ranges(part.substr(5), linux_section.uid_mappings));
    else if (part.starts_with("gids="))
      ids.gids = TRY(parse_ranges(part.substr(5), linux_section.gid_mappings));
    else
      return fail(Errc::BadConfig, cat("'", part, "' is neither uids=... nor gids=..."));
  }
  if (ids.uids.empty() || ids.gids.empty())
    return fail(Errc::BadConfig, "uids=... and gids=... are both needed");
  return ids;
}

// Validation has seen to it that there is a map in one of the places.
Result<MountIds> maps_of(const spec::Mount& mount, const spec::Linux& linux_section,
                         std::string_view text) {
  if (!text.empty()) return parse_maps(text, linux_section);
  if (!mount.uid_mappings.empty())
    return MountIds{.uids = mount.uid_mappings, .gids = mount.gid_mappings};
  if (!spec::creates_namespace(linux_section, "user")) return MountIds{.of_joined_namespace = true};
  return MountIds{.uids = linux_section.uid_mappings, .gids = linux_section.gid_mappings};
}

}  // namespace

Result<std::optional<MountIds>> plan_mount_ids(const spec::Mount& mount,
                                               const spec::Linux& linux_section,
                                               const std::optional<IdMapOption>& option,
                                               const std::string& json_path) {
  if (!option && mount.uid_mappings.empty()) return std::nullopt;
  const IdMapOption wanted = option.value_or(IdMapOption{});
  MountIds ids =
      TRY_DOING(maps_of(mount, linux_section, wanted.maps), json_path, ".options: idmap");
  ids.recursive = wanted.recursive;
  return ids;
}

}  // namespace brig
