#pragma once

#include "base/error.h"
#include "init/isolate.h"
#include "sys/fd.h"

namespace brig {

// procfs of the host, from before anything that the container controls was entered: what is
// written below it cannot be redirected (CVE-2025-52881). Its sys/ directory shows the reader's
// own namespaces.
Result<Fd> open_trusted_proc(const InitPlan& plan);

// Takes the steps of the plan's namespaces that the first clone3 could not take.
Result<> enter_namespaces(const Init& init);
Result<> take_steps(const Init& init, const NamespacePlan& plan);

}  // namespace brig
