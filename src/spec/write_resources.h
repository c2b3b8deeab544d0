// linux.resources as JSON again: what an update has changed, for the saved configuration.
#pragma once

#include <string>

#include "spec/types.h"

namespace brig::spec {

std::string resources_json(const Resources& resources);

}  // namespace brig::spec
