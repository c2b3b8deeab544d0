// Collects the writes of one plan and finds the hierarchy and the file for each.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/places.h"
#include "linux/cgroup/types.h"

namespace brig {

// A controller's file by its two names; an empty name: this version has no such thing.
struct CgroupKnob {
  std::string_view controller, v1, v2;
};

struct CgroupSetting {
  std::string json;  // below linux.resources: "memory.limit"
  CgroupKnob knob;
  std::string v1{}, v2{};  // the value for either version
  bool may_be_absent = false, swap_with_next = false, else_next = false;  // as in CgroupWrite
};

class CgroupWrites {
 public:
  explicit CgroupWrites(const CgroupPlaces& places) : places_(places) {}

  Result<> add(const CgroupSetting& setting);
  [[nodiscard]] bool is_v2(std::string_view controller) const { return places_.is_v2(controller); }
  [[nodiscard]] std::vector<CgroupWrite> take() { return std::move(writes_); }

 private:
  const CgroupPlaces& places_;
  std::vector<CgroupWrite> writes_;
};

// "linux.resources.memory.limit: what"
std::unexpected<Error> bad_resource(std::string_view json, std::string_view what);

}  // namespace brig
