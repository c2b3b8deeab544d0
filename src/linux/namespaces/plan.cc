#include "linux/namespaces/plan.h"

#include <sched.h>

#include <algorithm>

#include "base/match.h"
#include "spec/types.h"

namespace brig {

namespace {

constexpr std::uint64_t kCloneNewTime = 0x80;  // Linux 5.6; glibc 2.36 lacks the name

bool joins(const NamespaceRequest& request, Ns ns) {
  for (const NsPath& join : request.joined)
    if (join.ns == ns) return true;
  return false;
}

// One clone3 makes everything, unless
// - a user namespace is involved: execve after CLONE_NEWUSER but before the maps exist would
//   drop all capabilities, and joins of the host's namespaces need the host's privilege; or
// - a pid namespace is joined: setns(2) moves only later children into it.
bool one_clone_suffices(const NamespaceRequest& request) {
  return !request.created.has(Ns::User) && !joins(request, Ns::User) && !joins(request, Ns::Pid);
}

void add_joins(NamespacePlan& plan, bool owned_inside) {
  for (std::uint32_t i = 0; i < plan.joins.size(); ++i) {
    const NsPath& join = plan.joins[i];
    if (join.ns != Ns::User && join.owned_inside == owned_inside)
      plan.steps.emplace_back(JoinNs{i});
  }
}

void add_clock_offsets(NamespacePlan& plan) {
  if (!plan.clock_offsets.empty()) plan.steps.emplace_back(OffsetClocks{});
}

// A user namespace may deny setgroups(2) for ever (CVE-2014-8989), and what groups the process
// has then it keeps. Those of the host's root must not be among them.
void add_drop_of_groups(NamespacePlan& plan, const NamespaceCaller& caller) {
  if (caller.may_set_groups) plan.steps.emplace_back(DropGroups{});
}

void add_user_join(NamespacePlan& plan, const NamespaceCaller& caller) {
  for (std::uint32_t i = 0; i < plan.joins.size(); ++i) {
    if (plan.joins[i].ns != Ns::User) continue;
    add_drop_of_groups(plan, caller);
    plan.steps.emplace_back(JoinNs{i});
    add_clock_offsets(plan);
    plan.steps.emplace_back(BecomeRoot{});
  }
}

// The time namespace is to belong to the user namespace, too. But its offsets are written before
// BecomeRoot: until then we are, to the host's procfs, who we were when it made our files.
void plan_around_fork(NamespacePlan& plan, NsSet created, const NamespaceCaller& caller) {
  add_joins(plan, false);  // with the caller's privilege
  add_user_join(plan, caller);
  if (!created.has(Ns::User) && !plan.joined.has(Ns::User)) add_clock_offsets(plan);
  add_joins(plan, true);
  // New namespaces are made after the user namespace is entered, so that it owns them
  // (user_namespaces(7)); in one clone3 the kernel makes the user namespace first.
  plan.steps.emplace_back(ForkInto{created});
  if (!created.has(Ns::User)) return;
  plan.steps.emplace_back(MapIds{.dumpable_meanwhile = !caller.is_root});
  add_clock_offsets(plan);
  plan.steps.emplace_back(BecomeRoot{});
}

}  // namespace

std::string_view name_of(Ns ns) {
  switch (ns) {
    case Ns::User:
      return "user";
    case Ns::Mount:
      return "mount";
    case Ns::Pid:
      return "pid";
    case Ns::Network:
      return "network";
    case Ns::Ipc:
      return "ipc";
    case Ns::Uts:
      return "uts";
    case Ns::Cgroup:
      return "cgroup";
    case Ns::Time:
      return "time";
  }
  std::unreachable();
}

std::uint64_t clone_flag(Ns ns) {
  switch (ns) {
    case Ns::User:
      return CLONE_NEWUSER;
    case Ns::Mount:
      return CLONE_NEWNS;
    case Ns::Pid:
      return CLONE_NEWPID;
    case Ns::Network:
      return CLONE_NEWNET;
    case Ns::Ipc:
      return CLONE_NEWIPC;
    case Ns::Uts:
      return CLONE_NEWUTS;
    case Ns::Cgroup:
      return CLONE_NEWCGROUP;
    case Ns::Time:
      return kCloneNewTime;
  }
  std::unreachable();
}

std::uint64_t clone_flags(NsSet set) {
  std::uint64_t flags = 0;
  for (const Ns ns : kAllNamespaces)
    if (set.has(ns)) flags |= clone_flag(ns);
  return flags;
}

NamespaceRequest request_namespaces(const spec::Linux& linux_section) {
  NamespaceRequest request;
  for (const spec::Namespace& wanted : linux_section.namespaces) {
    for (const Ns ns : kAllNamespaces) {
      if (wanted.type != name_of(ns)) continue;
      if (wanted.path.empty())
        request.created.insert(ns);
      else
        request.joined.push_back({.ns = ns, .path = wanted.path});
    }
  }
  for (const auto& [clock, offset] : linux_section.time_offsets)
    request.clock_offsets.push_back(
        {.clock = clock, .seconds = offset.secs, .nanoseconds = offset.nanosecs});
  return request;
}

NamespacePlan plan_namespaces(const NamespaceRequest& request, const NamespaceCaller& caller) {
  NamespacePlan plan;
  plan.joins = request.joined;
  plan.created = request.created;
  for (const NsPath& join : request.joined) plan.joined.insert(join.ns);

  NsSet by_clone = request.created;
  // A cgroup namespace has its root where its maker is: clone3 would use the parent's cgroup,
  // even with CLONE_INTO_CGROUP, so the container's process makes it, once it is inside.
  by_clone.erase(Ns::Cgroup);
  // Nor can it make a time namespace with offsets: they are fixed once somebody is inside.
  plan.clock_offsets = request.clock_offsets;
  if (!plan.clock_offsets.empty()) by_clone.erase(Ns::Time);

  if (one_clone_suffices(request)) {
    plan.born_in = by_clone;
    add_joins(plan, false);
    add_joins(plan, true);
    add_clock_offsets(plan);
  } else {
    plan_around_fork(plan, by_clone, caller);
  }
  if (request.created.has(Ns::Cgroup)) plan.steps.emplace_back(UnshareNs{{Ns::Cgroup}});
  return plan;
}

NamespacePlan plan_entered_namespaces(NsSet of_container, EntryFork fork,
                                      const NamespaceCaller& caller) {
  NamespacePlan plan;
  plan.joined = of_container;
  if (of_container == NsSet()) return plan;
  if (of_container.has(Ns::User)) add_drop_of_groups(plan, caller);
  plan.steps.emplace_back(JoinContainer{of_container});
  if (of_container.has(Ns::User)) plan.steps.emplace_back(BecomeRoot{});
  if (of_container.has(Ns::Pid) && fork == EntryFork::Step) plan.steps.emplace_back(ForkInto{});
  return plan;
}

NamespacePlan plan_source_namespace(const NamespaceCaller& caller) {
  NamespacePlan plan = plan_entered_namespaces({Ns::User}, EntryFork::Trampoline, caller);
  plan.steps.emplace_back(UnshareNs{{Ns::Mount}});
  return plan;
}

std::string offsets_text(const std::vector<ClockOffset>& offsets) {
  std::string text;
  for (const ClockOffset& offset : offsets)
    append(text, cat(offset.clock, " ", offset.seconds, " ", offset.nanoseconds, "\n"));
  return text;
}

bool passes_its_place_on(const NamespacePlan& plan) {
  return std::ranges::any_of(
      plan.steps, [](const NamespaceStep& step) { return std::holds_alternative<ForkInto>(step); });
}

std::string describe(const NamespaceStep& step, const NamespacePlan& plan) {
  const auto names = [](NsSet set) {
    std::string out;
    for (const Ns ns : kAllNamespaces)
      if (set.has(ns)) append(out, cat(" ", name_of(ns)));
    return out;
  };
  return std::visit(
      match{[&](const JoinNs& s) {
              return cat("join the ", name_of(plan.joins[s.index].ns), " namespace at ",
                         plan.joins[s.index].path);
            },
            [&](const UnshareNs& s) { return cat("unshare", names(s.what)); },
            [&](const ForkInto& s) { return cat("fork into new", names(s.what)); },
            [&](const OffsetClocks&) {
              std::string text = "enter a new time namespace:";
              for (const ClockOffset& offset : plan.clock_offsets)
                append(text, cat(" ", offset.clock, " + ", offset.seconds, " s ",
                                 offset.nanoseconds, " ns"));
              return text;
            },
            [](const MapIds& s) {
              return cat("map ids", s.dumpable_meanwhile ? ", dumpable meanwhile" : "");
            },
            [](const DropGroups&) { return std::string("drop the caller's groups"); },
            [](const BecomeRoot&) { return std::string("become root of the user namespace"); },
            [&](const JoinContainer& s) {
              return cat("join the container's", names(s.what), " namespaces");
            }},
      step);
}

}  // namespace brig
