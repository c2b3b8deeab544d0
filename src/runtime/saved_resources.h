// linux.resources in the configuration that was saved at create: what updates have changed goes
// there, so that the next one, and whoever else reads it, starts from what holds.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "spec/types.h"

namespace brig::runtime {

Result<spec::Resources> saved_resources(std::string_view config);

// The configuration with these instead; all else, known to us or not, stays as it was.
Result<std::string> with_resources(std::string_view config, const spec::Resources& resources);

}  // namespace brig::runtime
