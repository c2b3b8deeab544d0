#include "runtime/entry_plan.h"

#include <gtest/gtest.h>

namespace brig::runtime {
namespace {

struct Case {
  spec::Spec spec;
  spec::Process process;
  Record record;
  Caller caller;
  bool single_threaded = true;

  Case() {
    spec.linux_.emplace();
    process.args = {"ls"};
    process.no_new_privileges = true;
    record.id = "web";
    record.namespaces = {Ns::Pid, Ns::Mount};
  }
  [[nodiscard]] EntryPlan plan() const {
    Result<EntryPlan> plan = plan_entry({.spec = spec,
                                         .process = process,
                                         .record = record,
                                         .caller = caller,
                                         .single_threaded = single_threaded});
    EXPECT_TRUE(plan);
    return plan ? std::move(*plan) : EntryPlan{};
  }
  void forbid(const std::string& call) {
    spec.linux_->seccomp =
        spec::Seccomp{.default_action = "SCMP_ACT_ALLOW",
                      .syscalls = {{.names = {call}, .action = "SCMP_ACT_ERRNO"}}};
  }
};

TEST(EntryPlan, ACopyOfBrigStaysOutsideOfThePidNamespace) {
  const EntryPlan plan = Case().plan();
  EXPECT_EQ(plan.form, Form::Copy);
  EXPECT_EQ(plan.init.namespaces.steps,
            (std::vector<NamespaceStep>{JoinContainer{{Ns::Pid, Ns::Mount}}}));
  EXPECT_FALSE(plan.init.announce_ready);
}

TEST(EntryPlan, OnlyAMountNamespaceOfItsOwnLeadsToTheContainersRoot) {
  Case container;
  EXPECT_TRUE(container.plan().shares_mounts);
  container.spec.linux_->namespaces = {{.type = "mount", .path = "/proc/7/ns/mnt"}};
  EXPECT_TRUE(container.plan().shares_mounts);
  container.spec.linux_->namespaces = {{.type = "mount", .path = {}}};
  EXPECT_FALSE(container.plan().shares_mounts);
}

TEST(EntryPlan, WhereOthersCouldLookAtItItIsAnImageThatForksInside) {
  Case threads;
  threads.single_threaded = false;
  const EntryPlan forks = threads.plan();
  EXPECT_EQ(forks.form, Form::Image);
  EXPECT_EQ(forks.init.namespaces.steps.back(), NamespaceStep(ForkInto{}));
  EXPECT_TRUE(forks.init.announce_ready);

  Case shared;
  shared.record.namespaces = {Ns::Mount};
  const EntryPlan plan = shared.plan();
  EXPECT_EQ(plan.form, Form::Image);
  EXPECT_EQ(plan.init.namespaces.steps, (std::vector<NamespaceStep>{JoinContainer{{Ns::Mount}}}));
}

TEST(EntryPlan, OnlyAFilterThatComesFirstIsInTheTrampolinesWay) {
  Case late;
  late.forbid("setsid");
  EXPECT_EQ(late.plan().form, Form::Copy);
  late.process.no_new_privileges = false;
  EXPECT_EQ(late.plan().form, Form::Image);
  late.forbid("reboot");
  EXPECT_EQ(late.plan().form, Form::Copy);
}

TEST(EntryPlan, InAUserNamespaceItBecomesRootThere) {
  Case mapped;
  mapped.record.namespaces = {Ns::User, Ns::Pid};
  EXPECT_EQ(mapped.plan().init.namespaces.steps,
            (std::vector<NamespaceStep>{JoinContainer{{Ns::User, Ns::Pid}}, BecomeRoot{}}));
  EXPECT_FALSE(mapped.plan().init.limits_by_parent) << "who may raise nothing has no need to";
  mapped.caller.capabilities = ~std::uint64_t{0};
  EXPECT_TRUE(mapped.plan().init.limits_by_parent);
  EXPECT_EQ(
      mapped.plan().init.namespaces.steps,
      (std::vector<NamespaceStep>{DropGroups{}, JoinContainer{{Ns::User, Ns::Pid}}, BecomeRoot{}}));
}

TEST(EntryPlan, NothingIsJoinedWhereNothingIsItsOwn) {
  Case bare;
  bare.record.namespaces = {};
  EXPECT_TRUE(bare.plan().init.namespaces.steps.empty());
}

TEST(EntryPlan, TheKeyringIsJoinedWhereTheContainerHasOne) {
  Case ringed;
  EXPECT_FALSE(ringed.plan().init.keyring);
  ringed.record.own_keyring = true;
  EXPECT_EQ(ringed.plan().init.keyring, plan_joined_keyring("web"));
}

}  // namespace
}  // namespace brig::runtime
