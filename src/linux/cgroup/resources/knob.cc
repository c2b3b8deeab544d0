#include "linux/cgroup/resources/knob.h"

#include <optional>
#include <utility>

namespace brig {

std::unexpected<Error> bad_resource(std::string_view json, std::string_view what) {
  return fail(Errc::BadConfig, cat("linux.resources.", json, ": ", what));
}

Result<> CgroupWrites::add(const CgroupSetting& setting) {
  const std::string json = cat("linux.resources.", setting.json);
  const CgroupKnob& knob = setting.knob;
  const std::optional<std::int32_t> place = places_.place_of(knob.controller);
  if (!place) {
    if (setting.may_be_absent) return {};
    const std::string_view file =
        !knob.v2.empty() && (places_.paths.mode == CgroupMode::V2 || knob.v1.empty()) ? knob.v2
                                                                                      : knob.v1;
    return fail(Errc::Unsupported,
                cat(json, ": ", file, ": ", places_.why_missing(knob.controller)));
  }
  const bool v2 = *place == kCgroupV2;
  const std::string_view file = v2 ? knob.v2 : knob.v1;
  if (file.empty())
    return fail(Errc::Unsupported,
                cat(json, ": cgroup ", v2 ? "v2" : "v1", " has no ", v2 ? knob.v1 : knob.v2));
  writes_.push_back({.hierarchy = *place,
                     .file = std::string(file),
                     .value = v2 ? setting.v2 : setting.v1,
                     .json_path = json,
                     .may_be_absent = setting.may_be_absent,
                     .swap_with_next = setting.swap_with_next,
                     .else_next = setting.else_next});
  return {};
}

}  // namespace brig
