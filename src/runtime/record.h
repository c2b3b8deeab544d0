// What brig remembers of a container between two commands: the file state.json.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/systemd/unit.h"
#include "linux/cgroup/types.h"
#include "linux/mount/live/plan.h"
#include "linux/namespaces/plan.h"
#include "linux/resctrl/plan.h"

namespace brig::runtime {

struct Record {
  std::string id, bundle, rootfs, oci_version;
  std::string created;      // RFC 3339
  std::uint32_t owner = 0;  // uid of whoever created it
  std::map<std::string, std::string> annotations;
  CgroupPaths cgroup;
  std::optional<SystemdUnit> unit;  // that the cgroups belong to
  // Until create is done this is the record of an intent: what may exist and must be removed.
  bool complete = false;
  pid_t pid = 0;
  // Clock ticks from boot to the start of `pid` (proc_pid_stat(5), field 22): a pid can come
  // again, with this it cannot.
  std::uint64_t start_time = 0;
  bool own_pid_namespace = false;  // the end of init is the end of all
  NsSet namespaces;                // made or joined: what `exec` joins
  bool own_keyring = false;        // a session keyring, named after the id
  std::optional<ResctrlGroup> resctrl;
  std::vector<LiveMount> live_mounts;  // what `mounts add` has added, in this order
};

std::string encode_record(const Record& record);
Result<Record> parse_record(std::string_view text);

}  // namespace brig::runtime
