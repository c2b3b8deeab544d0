// GVariant's text form (GLib's "GVariant Text Format"): how annotations write the values of unit
// properties. Booleans, integers, strings, arrays and tuples, each with or without a type in
// front: true, 5, uint64 5, 'text', ['a', 'b'], @as [], ('/dev/sda', uint64 1).
#pragma once

#include <string_view>

#include "base/error.h"
#include "linux/cgroup/systemd/value.h"

namespace brig {

Result<DbusValue> parse_gvariant(std::string_view text);

}  // namespace brig
