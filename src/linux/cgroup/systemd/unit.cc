#include "linux/cgroup/systemd/unit.h"

#include <algorithm>
#include <vector>

#include "linux/cgroup/parse.h"

namespace brig {

namespace {

constexpr std::string_view kSlice = ".slice";
constexpr std::string_view kRootSlice = "-.slice";
constexpr std::size_t kLongestName = 255;
constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\";

std::unexpected<Error> bad_path(const std::string& what) {
  return fail(Errc::BadConfig, cat("linux.cgroupsPath: ", what));
}

// What may not stand in a unit's name, such as the '+' of a container's, as systemd-escape(1)
// writes it.
std::string escaped(std::string_view name) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (kLetters.contains(c))
      out += c;
    else
      out += cat("\\x", kDigits[byte >> 4], kDigits[byte & 15]);
  }
  return out;
}

Result<std::string> unit_name(std::string_view prefix, std::string_view name) {
  if (name.empty()) return bad_path("the name after the second colon is empty");
  // A slice has its place in its name, which leaves none for a prefix.
  std::string made = name.ends_with(kSlice) ? escaped(name)
                     : prefix.empty()       ? escaped(name) + ".scope"
                                            : escaped(cat(prefix, "-", name)) + ".scope";
  if (made.size() > kLongestName)
    return bad_path(cat("the unit '", made, "' has a name of ", made.size(), " bytes, and ",
                        kLongestName, " are allowed"));
  return made;
}

bool is_slice_name(std::string_view slice) {
  if (slice == kRootSlice) return true;
  if (!slice.ends_with(kSlice) || slice.size() > kLongestName) return false;
  const std::string_view parts = slice.substr(0, slice.size() - kSlice.size());
  return parts.find_first_not_of(kLetters) == std::string_view::npos && !parts.empty() &&
         !parts.starts_with('-') && !parts.ends_with('-') && !parts.contains("--");
}

// "a-b.slice" -> "/a.slice/a-b.slice": what systemd.slice(5) says a name means.
std::string cgroup_of_slice(std::string_view slice) {
  std::string path;
  if (slice == kRootSlice) return path;
  for (std::size_t i = 0; i <= slice.size() - kSlice.size(); ++i)
    if (slice[i] == '-' || i == slice.size() - kSlice.size())
      path += cat("/", slice.substr(0, i), kSlice);
  return path;
}

// systemd puts a '_' before names that could be mistaken for files of the kernel.
std::string cgroup_name(const std::string& unit) {
  const bool mistakable = unit[0] == '_' || unit[0] == '.' || unit.starts_with("cgroup.");
  return mistakable ? "_" + unit : unit;
}

std::string parent_slice(std::string_view slice) {
  const std::size_t dash = slice.rfind('-');
  return dash == std::string_view::npos ? std::string(kRootSlice)
                                        : cat(slice.substr(0, dash), kSlice);
}

}  // namespace

Result<SystemdUnit> plan_systemd_unit(std::string_view cgroups_path,
                                      const SystemdUnitRequest& request) {
  std::vector<std::string_view> parts = split(cgroups_path, ':');
  const std::string default_path = cat(":brig:", request.id);
  if (cgroups_path.empty()) parts = split(default_path, ':');
  if (parts.size() != 3)
    return bad_path(
        cat("expected cgroupsPath to be of format \"slice:prefix:name\" for systemd "
            "cgroups, got \"",
            cgroups_path, "\" instead"));
  SystemdUnit unit{.run_dir = request.run_dir};
  unit.name = TRY(unit_name(parts[1], parts[2]));
  const bool system = request.run_dir == kSystemRunDir;
  unit.slice = parts[0] == "-"     ? kRootSlice
               : !parts[0].empty() ? parts[0]
               : system            ? std::string_view("system.slice")
                                   : std::string_view("user.slice");
  if (is_slice(unit) && is_slice_name(unit.name)) unit.slice = parent_slice(unit.name);
  for (const std::string& slice : {unit.slice, is_slice(unit) ? unit.name : unit.slice})
    if (!is_slice_name(slice)) return bad_path(cat("'", slice, "' is not the name of a slice"));
  unit.cgroup =
      cat(request.manager_cgroup, cgroup_of_slice(unit.slice), "/", cgroup_name(unit.name));
  return unit;
}

bool names_systemd_unit(std::string_view cgroups_path) {
  return std::count(cgroups_path.begin(), cgroups_path.end(), ':') == 2 &&
         !cgroups_path.contains('/') && !cgroups_path.ends_with(':');
}

std::string user_manager_cgroup(std::string_view own_cgroup) {
  std::string path;
  for (const std::string_view part : split(own_cgroup, '/')) {
    if (part.empty()) continue;
    path += cat("/", part);
    if (part.starts_with("user@") && part.ends_with(".service")) return path;
  }
  return {};
}

}  // namespace brig
