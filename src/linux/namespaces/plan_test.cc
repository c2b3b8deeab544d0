#include "linux/namespaces/plan.h"

#include <gtest/gtest.h>

#include <array>

namespace brig {
namespace {

enum class Want { Inherit, Create, Join };

NamespaceRequest request_of(const std::array<Want, 8>& wants, bool owned) {
  NamespaceRequest request;
  for (std::size_t i = 0; i < wants.size(); ++i) {
    const Ns ns = kAllNamespaces[i];
    if (wants[i] == Want::Create) request.created.insert(ns);
    if (wants[i] == Want::Join)
      request.joined.push_back({.ns = ns, .path = "/ns", .owned_inside = owned});
  }
  return request;
}

// Follows a plan as the kernel would and checks every rule on the way.
class Walker {
 public:
  explicit Walker(const NamespacePlan& plan) : plan_(plan), made_(plan.born_in) {}

  void walk() {
    for (const NamespaceStep& step : plan_.steps) {
      if (const auto* s = std::get_if<JoinNs>(&step)) join(plan_.joins[s->index]);
      if (const auto* s = std::get_if<UnshareNs>(&step)) made_.bits_ |= s->what.bits_;
      if (const auto* s = std::get_if<ForkInto>(&step)) fork(s->what);
      if (std::holds_alternative<OffsetClocks>(step)) offset_clocks();
      if (std::holds_alternative<MapIds>(step)) ++maps;
      if (std::holds_alternative<BecomeRoot>(step)) ++roots;
    }
  }
  NsSet made() const { return made_; }
  NsSet joined() const { return joined_; }
  int forks = 0, maps = 0, roots = 0, offsets = 0;

 private:
  void join(const NsPath& path) {
    EXPECT_FALSE(in_new_user_) << "a join after the privilege for it is gone";
    if (in_joined_user_ && path.ns != Ns::User) {
      EXPECT_TRUE(path.owned_inside);
    }
    if (path.ns == Ns::User) in_joined_user_ = true;
    joined_.insert(path.ns);
  }
  void offset_clocks() {
    ++offsets;
    EXPECT_FALSE(made_.has(Ns::Time)) << "the offsets are fixed";
    EXPECT_EQ(in_new_user_, plan_.created.has(Ns::User)) << "of whom is the time namespace?";
    EXPECT_EQ(in_joined_user_, plan_.joined.has(Ns::User));
    EXPECT_EQ(roots, 0) << "the file in procfs is not ours any more";
    made_.insert(Ns::Time);
  }
  void fork(NsSet what) {
    ++forks;
    made_.bits_ |= what.bits_;
    if (what.has(Ns::User)) in_new_user_ = true;
    forked_after_pid_join_ = forked_after_pid_join_ || joined_.has(Ns::Pid);
  }

 public:
  bool forked_after_pid_join_ = false;

 private:
  const NamespacePlan& plan_;
  NsSet made_, joined_;
  bool in_new_user_ = false, in_joined_user_ = false;
};

TEST(PlanNamespaces, EveryOneOfThe6561RequestsYieldsWhatItAskedFor) {
  for (int n = 0; n < 6561; ++n) {
    std::array<Want, 8> wants{};
    for (int i = 0, rest = n; i < 8; ++i, rest /= 3)
      wants[static_cast<std::size_t>(i)] = static_cast<Want>(rest % 3);
    const NamespaceRequest request = request_of(wants, n % 2 == 0);
    const NamespacePlan plan = plan_namespaces(request);
    Walker walker(plan);
    walker.walk();
    ASSERT_EQ(walker.made(), request.created) << n;
    ASSERT_EQ(walker.joined(), plan.joined) << n;
    ASSERT_LE(walker.forks, 1) << n;
    ASSERT_EQ(walker.maps, request.created.has(Ns::User) ? 1 : 0) << n;
    if (plan.joined.has(Ns::Pid)) {
      ASSERT_TRUE(walker.forked_after_pid_join_) << n;
    }
    ASSERT_FALSE(plan.born_in.has(Ns::User)) << "execve before the maps drops capabilities";
  }
}

TEST(PlanNamespaces, OffsetsOfClocksAreWrittenBeforeAnybodyIsInside) {
  for (int n = 0; n < 6561; ++n) {
    std::array<Want, 8> wants{};
    for (int i = 0, rest = n; i < 8; ++i, rest /= 3)
      wants[static_cast<std::size_t>(i)] = static_cast<Want>(rest % 3);
    if (wants[static_cast<std::size_t>(Ns::Time)] != Want::Create) continue;
    NamespaceRequest request = request_of(wants, n % 2 == 0);
    request.clock_offsets = {{.clock = "boottime", .seconds = 1}};
    const NamespacePlan plan = plan_namespaces(request);
    Walker walker(plan);
    walker.walk();
    ASSERT_EQ(walker.made(), request.created) << n;
    ASSERT_EQ(walker.offsets, 1) << n;
  }
}

TEST(PlanNamespaces, OffsetsBecomeOneLineAClock) {
  NamespaceRequest request;
  request.created = {Ns::Time};
  request.clock_offsets = {{.clock = "boottime", .seconds = -3, .nanoseconds = 999999999},
                           {.clock = "monotonic", .seconds = 86400}};
  const NamespacePlan plan = plan_namespaces(request);
  EXPECT_EQ(offsets_text(plan.clock_offsets), "boottime -3 999999999\nmonotonic 86400 0\n");
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(describe(plan.steps[0], plan),
            "enter a new time namespace: boottime + -3 s 999999999 ns monotonic + 86400 s 0 ns");
}

TEST(PlanNamespaces, CommonCaseIsOneCloneAndTheCgroupNamespaceAfterIt) {
  NamespaceRequest request;
  request.created = {Ns::Pid, Ns::Network, Ns::Ipc, Ns::Uts, Ns::Mount, Ns::Cgroup};
  const NamespacePlan plan = plan_namespaces(request);
  EXPECT_EQ(plan.born_in, (NsSet{Ns::Pid, Ns::Network, Ns::Ipc, Ns::Uts, Ns::Mount}));
  ASSERT_EQ(plan.steps.size(), 1U);
  EXPECT_EQ(describe(plan.steps[0], plan), "unshare cgroup");
}

TEST(PlanNamespaces, HostNamespaceIsJoinedBeforeANewUserNamespace) {
  NamespaceRequest request;
  request.created = {Ns::User, Ns::Mount};
  request.joined = {{.ns = Ns::Network, .path = "/run/netns/a"}};
  const NamespacePlan plan = plan_namespaces(request);
  std::string story;
  for (const NamespaceStep& step : plan.steps) append(story, cat(describe(step, plan), "; "));
  EXPECT_EQ(story,
            "join the network namespace at /run/netns/a; fork into new user mount; map ids; "
            "become root of the user namespace; ");
}

std::string story_of(const NamespacePlan& plan) {
  std::string story;
  for (const NamespaceStep& step : plan.steps) append(story, cat(describe(step, plan), "; "));
  return story;
}

TEST(PlanNamespaces, WhoMayDropsItsGroupsBeforeTheyCannotBeDroppedAnyMore) {
  NamespaceRequest request;
  request.joined = {{.ns = Ns::User, .path = "/u"}};
  EXPECT_TRUE(story_of(plan_namespaces(request))
                  .starts_with("drop the caller's groups; join the user namespace at /u; "));
  EXPECT_TRUE(story_of(plan_namespaces(request, {.may_set_groups = false}))
                  .starts_with("join the user namespace at /u; "));
  EXPECT_EQ(story_of(plan_entered_namespaces({Ns::User}, EntryFork::Trampoline)),
            "drop the caller's groups; join the container's user namespaces; "
            "become root of the user namespace; ");
  EXPECT_EQ(story_of(plan_entered_namespaces({Ns::Pid}, EntryFork::Trampoline)),
            "join the container's pid namespaces; ");
  EXPECT_EQ(story_of(plan_source_namespace({.may_set_groups = false})),
            "join the container's user namespaces; become root of the user namespace; "
            "unshare mount; ");
}

TEST(PlanNamespaces, AParentThatIsNotRootMapsIdsOfAProcessThatIsDumpable) {
  NamespaceRequest request;
  request.created = {Ns::User};
  EXPECT_EQ(story_of(plan_namespaces(request, {.is_root = false})),
            "fork into new user; map ids, dumpable meanwhile; become root of the user namespace; ");
}

}  // namespace
}  // namespace brig
