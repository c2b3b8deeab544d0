// Whether `create` would take a bundle on this host. Everything that stands in its way is found, as
// far as it can be known without making anything: the specification's rules, what this kernel and
// this host lack, files that are not there.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/runtime.h"

namespace brig::runtime {

struct CheckFinding {
  bool warning = false;  // create succeeds all the same
  std::string path;      // JSON path; empty: of the whole document, or not about it
  std::size_t line = 1, column = 1;
  std::string what;
  std::string remedy;  // where `what` does not say it already
};

struct CheckReport {
  std::string bundle, config;          // as they were named
  std::vector<CheckFinding> findings;  // in the order of the document
  [[nodiscard]] bool passes() const;
};

CheckReport check(const Settings& settings, const CreateOptions& options);

}  // namespace brig::runtime
