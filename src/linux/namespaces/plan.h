// How a process comes to live in the namespaces that a configuration asks for.
//
// The result is a clone3 with some CLONE_NEW* flags and, for the cases that one clone3 cannot
// express, a list of steps that the new process then takes, in order.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/flags.h"

namespace brig {

namespace spec {
struct Linux;
}

enum class Ns : std::uint8_t { User, Mount, Pid, Network, Ipc, Uts, Cgroup, Time };
inline constexpr Ns kAllNamespaces[] = {Ns::User, Ns::Mount, Ns::Pid,    Ns::Network,
                                        Ns::Ipc,  Ns::Uts,   Ns::Cgroup, Ns::Time};
using NsSet = EnumSet<Ns>;

std::string_view name_of(Ns ns);  // the spec's word: "pid", "network", "mount", ...
std::uint64_t clone_flag(Ns ns);  // CLONE_NEWPID, ...
std::uint64_t clone_flags(NsSet set);

struct NsPath {
  Ns ns = Ns::User;
  std::string path;
  // The namespace belongs to the container's user namespace, be that joined too or the caller's, or
  // to one below it: it is entered after that, and all others before. From the host's facts.
  bool owned_inside = false;
  bool operator==(const NsPath&) const = default;
};

// How far a clock of a new time namespace is from the host's (time_namespaces(7)).
struct ClockOffset {
  std::string clock;  // "monotonic" or "boottime"
  std::int64_t seconds = 0;
  std::uint32_t nanoseconds = 0;
  bool operator==(const ClockOffset&) const = default;
};

// What a configuration asks for: new ones, and ones to join; everything else is inherited.
struct NamespaceRequest {
  NsSet created;
  std::vector<NsPath> joined;
  std::vector<ClockOffset> clock_offsets;  // of the time namespace, which is then a new one
};

struct JoinNs {
  std::uint32_t index = 0;  // into NamespacePlan::joins
  bool operator==(const JoinNs&) const = default;
};
struct UnshareNs {
  NsSet what;
  bool operator==(const UnshareNs&) const = default;
};
struct ForkInto {  // a sibling (CLONE_PARENT) goes on; this process ends
  NsSet what;
  bool operator==(const ForkInto&) const = default;
};
struct MapIds {  // ask the parent to write uid_map and gid_map
  // A parent without privilege reaches the files of a process in /proc only as long as that is
  // dumpable (proc(5)); nobody is in the new namespaces yet who could take advantage of it.
  bool dumpable_meanwhile = false;
  bool operator==(const MapIds&) const = default;
};
struct BecomeRoot {  // uid and gid 0 of the user namespace just entered
  std::uint8_t unused = 0;
  bool operator==(const BecomeRoot&) const = default;
};
struct DropGroups {  // the caller's: in the user namespace to join that may be denied
  std::uint8_t unused = 0;
  bool operator==(const DropGroups&) const = default;
};
struct JoinContainer {  // all at once, through a pidfd of its init (setns(2), since Linux 5.8)
  NsSet what;
  bool operator==(const JoinContainer&) const = default;
};
struct OffsetClocks {  // into a new time namespace with NamespacePlan::clock_offsets
  std::uint8_t unused = 0;
  bool operator==(const OffsetClocks&) const = default;
};
using NamespaceStep = std::variant<JoinNs, UnshareNs, ForkInto, MapIds, BecomeRoot, DropGroups,
                                   JoinContainer, OffsetClocks>;

struct NamespacePlan {
  NsSet born_in;              // flags of the first clone3
  std::vector<NsPath> joins;  // opened by the parent, in this order
  std::vector<NamespaceStep> steps;
  std::vector<ClockOffset> clock_offsets;
  NsSet created, joined;  // what the container has in the end
  bool operator==(const NamespacePlan&) const = default;
};

// Who makes the process that takes the steps.
struct NamespaceCaller {
  bool is_root = true;         // uid 0 of its user namespace: it reaches also what is not dumpable
  bool may_set_groups = true;  // CAP_SETGID
};

// Reads linux.namespaces; duplicates and unknown types were refused by validation.
NamespaceRequest request_namespaces(const spec::Linux& linux_section);

// Total: every request has a plan. At most one ForkInto; MapIds exactly when a user namespace
// is created; no JoinNs after the privilege that it needs is gone.
NamespacePlan plan_namespaces(const NamespaceRequest& request, const NamespaceCaller& caller = {});

// A process in a pid namespace can only be born there. Who makes the one that will live in it?
enum class EntryFork : std::uint8_t {
  Step,        // a step of the plan
  Trampoline,  // the trampoline, last of all: nobody in the container sees what comes before
};
// For a process that enters a container which has namespaces of its own.
NamespacePlan plan_entered_namespaces(NsSet of_container, EntryFork fork,
                                      const NamespaceCaller& caller = {});

// A mount namespace of one's own that the container's user namespace owns: without privilege on the
// host that is where the host's trees can be cloned for the container.
NamespacePlan plan_source_namespace(const NamespaceCaller& caller);

// Whether the first process is not the one that stays (ForkInto).
bool passes_its_place_on(const NamespacePlan& plan);

// What /proc/PID/timens_offsets takes: a line a clock.
std::string offsets_text(const std::vector<ClockOffset>& offsets);

std::string describe(const NamespaceStep& step, const NamespacePlan& plan);

}  // namespace brig
