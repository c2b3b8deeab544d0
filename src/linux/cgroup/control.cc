#include "linux/cgroup/control.h"

#include <signal.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string>
#include <utility>

#include "linux/cgroup/blockers.h"
#include "linux/cgroup/freezer.h"
#include "linux/cgroup/paths.h"
#include "linux/cgroup/tree.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

// A process that forks faster than we list is stopped first, but a stuck one must not stop us.
constexpr std::int64_t kFreezeForSignalMs = 500;
constexpr std::size_t kBatch = 128;  // pidfds held at once

struct OpenCgroup {
  CgroupDir dir;
  Fd fd;
};

// Those that exist; v2 first, where freezing and killing work best.
Result<std::vector<OpenCgroup>> open_existing(const CgroupPaths& paths) {
  TRY(validate_cgroup_paths(paths));
  std::vector<OpenCgroup> found;
  for (const std::vector<CgroupDir>* dirs : {&paths.v2, &paths.v1})
    for (const CgroupDir& dir : *dirs) {
      std::optional<Fd> fd = TRY(open_cgroup(dir));
      if (fd) found.push_back({.dir = dir, .fd = std::move(*fd)});
    }
  return found;
}

Result<std::vector<pid_t>> members_of(const std::vector<OpenCgroup>& cgroups) {
  std::vector<pid_t> pids;
  for (const OpenCgroup& cgroup : cgroups) {
    const CgroupMembers members = TRY(members_below(cgroup.fd));
    pids.insert(pids.end(), members.pids.begin(), members.pids.end());
  }
  std::sort(pids.begin(), pids.end());
  pids.erase(std::unique(pids.begin(), pids.end()), pids.end());
  return pids;
}

struct Target {
  pid_t pid = 0;
  Fd pidfd;
};

// A number may go to another process between our reading it and our opening it. Whoever is
// still a member after the pidfd was opened is the one we hold.
Result<> signal_batch(const std::vector<OpenCgroup>& cgroups, const std::vector<pid_t>& pids,
                      int signal) {
  std::vector<Target> targets;
  for (const pid_t pid : pids) {
    Result<Fd> pidfd = sys::pidfd_open(pid);
    if (pidfd)
      targets.push_back({.pid = pid, .pidfd = std::move(*pidfd)});
    else if (!sys::is_no_process(pidfd.error()))
      return std::unexpected(std::move(pidfd).error());
  }
  const std::vector<pid_t> still = TRY(members_of(cgroups));
  for (const Target& target : targets) {
    if (!std::binary_search(still.begin(), still.end(), target.pid)) continue;
    Result<> sent = sys::pidfd_send_signal(target.pidfd, signal);
    if (sent || sys::is_no_process(sent.error())) continue;
    sent.error().add_context(cat("signal ", signal, " to process ", target.pid));
    return sent;
  }
  return {};
}

Result<> signal_members(const std::vector<OpenCgroup>& cgroups, int signal) {
  const std::vector<pid_t> pids = TRY(members_of(cgroups));
  for (std::size_t begin = 0; begin < pids.size(); begin += kBatch) {
    const std::size_t end = std::min(begin + kBatch, pids.size());
    const auto at = [&](std::size_t i) { return pids.begin() + static_cast<std::ptrdiff_t>(i); };
    TRY(signal_batch(cgroups, std::vector<pid_t>(at(begin), at(end)), signal));
  }
  return {};
}

// The first cgroup that has a freezer, told to freeze; nullptr when none has.
Result<const OpenCgroup*> request_any_freeze(const std::vector<OpenCgroup>& cgroups) {
  for (const OpenCgroup& cgroup : cgroups) {
    const bool asked = TRY(request_freeze(cgroup.dir, cgroup.fd));
    if (asked) return &cgroup;
  }
  return nullptr;
}

Result<> thaw_all(const std::vector<OpenCgroup>& cgroups) {
  for (const OpenCgroup& cgroup : cgroups) TRY(request_thaw(cgroup.dir, cgroup.fd));
  return {};
}

std::string describe_unfrozen(const std::vector<OpenCgroup>& cgroups) {
  const Result<std::vector<pid_t>> pids = members_of(cgroups);
  if (!pids) return {};
  const std::vector<pid_t> unfrozen = not_frozen(*pids);
  return unfrozen.empty() ? std::string() : cat(": ", describe_processes(unfrozen));
}

// For the dying: a v1 process dies when it is thawed, and one in a cgroup below that was frozen by
// itself is not thawed with those above. v2 processes die frozen.
Result<> thaw_all_below(const std::vector<OpenCgroup>& cgroups) {
  TRY(thaw_all(cgroups));
  for (const OpenCgroup& cgroup : cgroups) {
    if (cgroup.dir.controllers.empty()) continue;
    CgroupVisitor visitor;
    visitor.enter = [&cgroup](FdRef below) -> Result<> {
      TRY(request_thaw(cgroup.dir, below));
      return {};
    };
    TRY(walk_cgroups(cgroup.fd, visitor));
  }
  return {};
}

// Frozen while the list is read, so that nobody forks past it.
Result<> signal_frozen(const std::vector<OpenCgroup>& cgroups, int signal) {
  bool was_frozen = false;
  for (const OpenCgroup& cgroup : cgroups) {
    const bool frozen = TRY(is_frozen(cgroup.dir));
    was_frozen |= frozen;
  }
  if (!was_frozen) {
    const OpenCgroup* freezer = TRY(request_any_freeze(cgroups));
    if (freezer != nullptr)
      TRY(wait_frozen(freezer->dir, freezer->fd, sys::monotonic_ms() + kFreezeForSignalMs));
  }
  Result<> sent = signal_members(cgroups, signal);
  if (signal == SIGKILL)
    TRY(thaw_all_below(cgroups));
  else if (!was_frozen)
    TRY(thaw_all(cgroups));
  return sent;
}

// cgroup.kill, Linux 5.14: everything below too, and no fork escapes. False: there is none.
Result<bool> kill_by_kernel(const OpenCgroup& cgroup) {
  if (!cgroup.dir.controllers.empty()) return false;
  Result<> done = sys::write_file_at(cgroup.fd, "cgroup.kill", "1");
  if (done) return true;
  const int why = done.error().sys_errno();
  if (why == ENOENT || why == ENODEV || why == EOPNOTSUPP) return false;
  return std::unexpected(std::move(done).error());
}

Result<> kill_members(const std::vector<OpenCgroup>& cgroups) {
  bool killed = false;
  for (const OpenCgroup& cgroup : cgroups) {
    const bool done = TRY(kill_by_kernel(cgroup));
    killed |= done;
  }
  // On a hybrid host a process may have left the v2 cgroup and still be in a v1 one.
  const bool v1_too = std::any_of(cgroups.begin(), cgroups.end(), [](const OpenCgroup& cgroup) {
    return !cgroup.dir.controllers.empty();
  });
  if (!killed) return signal_frozen(cgroups, SIGKILL);
  if (v1_too) TRY(signal_members(cgroups, SIGKILL));
  return thaw_all_below(cgroups);
}

}  // namespace

Result<std::vector<pid_t>> cgroup_processes(const CgroupPaths& paths) {
  const std::vector<OpenCgroup> cgroups = TRY(open_existing(paths));
  return members_of(cgroups);
}

Result<bool> is_frozen(const CgroupPaths& paths) {
  for (const std::vector<CgroupDir>* dirs : {&paths.v2, &paths.v1})
    for (const CgroupDir& dir : *dirs) {
      const bool frozen = TRY(is_frozen(dir));
      if (frozen) return true;
    }
  return false;
}

Result<> freeze_cgroup(const CgroupPaths& paths, CgroupFreeze wanted, std::int64_t deadline_ms) {
  const std::vector<OpenCgroup> cgroups = TRY(open_existing(paths));
  if (wanted == CgroupFreeze::Thaw) return thaw_all(cgroups);
  const OpenCgroup* freezer = TRY(request_any_freeze(cgroups));
  if (freezer == nullptr) return fail(Errc::Unsupported, "the container's cgroups have no freezer");
  const bool frozen = TRY(wait_frozen(freezer->dir, freezer->fd, deadline_ms));
  if (frozen) return {};
  const std::string blockers = describe_unfrozen(cgroups);
  TRY(thaw_all(cgroups));
  return fail(Errc::System, cat("freeze ", directory_of(freezer->dir),
                                ": not everybody stopped in time", blockers));
}

Result<> kill_cgroup(const CgroupPaths& paths, int signal) {
  const std::vector<OpenCgroup> cgroups = TRY(open_existing(paths));
  if (cgroups.empty()) return {};
  if (signal == SIGKILL) return kill_members(cgroups);
  return signal_frozen(cgroups, signal);
}

}  // namespace brig
