#pragma once

#include "base/error.h"
#include "init/isolate.h"

namespace brig {

// Takes the steps of the NamespacePlan that the first clone3 could not take.
Result<> enter_namespaces(const Init& init);

}  // namespace brig
