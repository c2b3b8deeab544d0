// A bundle: a directory with a configuration and, usually, the root file system.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/error.h"
#include "spec/defaults.h"
#include "spec/types.h"
#include "sys/fd.h"

namespace brig {

struct Bundle {
  Fd dir;
  std::string path;                   // absolute, without links
  std::string config;                 // the bytes of config.json
  spec::Spec spec;                    // parsed, completed with defaults, valid
  std::string rootfs;                 // absolute
  std::vector<std::string> warnings;  // what a person should know
};

// Every finding is in the error, one a line, each with file, line and column.
// `own_ids`: of a caller without privilege; else null.
// `annotations`: of the caller's, where the configuration has none of that name.
Result<Bundle> load_bundle(const std::string& path, const std::string& config_file,
                           const OwnIds* own_ids,
                           const std::map<std::string, std::string>& annotations = {});

// Its parts, for who goes on after a fault: a bundle whose configuration is read but not
// understood, and the root file system, absolute, that root.path names.
Result<Bundle> open_bundle(const std::string& path, const std::string& config_file);
Result<std::string> find_rootfs(const Bundle& bundle, const std::string& path);

}  // namespace brig
