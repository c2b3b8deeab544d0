// Changing linux.resources of a container that is there: what `update` asks for, what it has to
// write, and what holds afterwards.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "spec/findings.h"
#include "spec/types.h"

namespace brig::spec {

struct ResourceUpdate {
  Resources changes;  // what is absent stays as it is
  // changes.devices takes the place of all rules of before, also when it is empty.
  bool replaces_devices = false;
};

// A document as engines send it. Zero stands for "as it is" there, for pids.limit too: Docker
// sends every member, and zero for those that nobody mentioned.
Result<ResourceUpdate> load_update(const Source& source, std::vector<std::string>& warnings);

// What the container has afterwards. Lists whose elements name a device, a page size or an
// interface are merged by that name. The error says what does not go together.
Result<Resources> merge_resources(const Resources& before, const ResourceUpdate& update);

// The changes, and from `after` what counts together with them: memory with swap, quota with
// period.
Resources resources_to_write(const ResourceUpdate& update, const Resources& after);

}  // namespace brig::spec
