#include "runtime/exec_process.h"

#include <gtest/gtest.h>

namespace brig::runtime {
namespace {

const UserDatabase kUsers{.passwd = "root:x:0:0::/root:\nweb:x:33:34::/srv:\n",
                          .group = "root:x:0:\naudio:x:29:web\nvideo:x:44:\n"};

spec::Process of_container() {
  spec::Process process;
  process.args = {"/bin/server"};
  process.env = {"PATH=/bin", "A=1"};
  process.cwd = "/srv";
  process.user = {.uid = 5, .gid = 6, .umask = 077, .additional_gids = {7}};
  process.capabilities = spec::Capabilities{.bounding = {"CAP_KILL"}};
  process.terminal = true;
  process.console_size = spec::ConsoleSize{.height = 1, .width = 2};
  return process;
}

TEST(ExecProcess, IsTheContainersButForItsProgramAndTerminal) {
  const Result<spec::Process> process =
      plan_exec_process(of_container(), {.args = {"ls", "-l"}}, {});
  ASSERT_TRUE(process);
  EXPECT_EQ(process->args, (spec::Strings{"ls", "-l"}));
  EXPECT_EQ(process->cwd, "/srv");
  EXPECT_EQ(process->user.uid, 5U);
  EXPECT_EQ(process->user.umask, 077U);
  EXPECT_FALSE(process->terminal);
  EXPECT_FALSE(process->console_size);
}

TEST(ExecProcess, AUserByNumberKeepsTheGroups) {
  const Result<spec::Process> process = plan_exec_process(of_container(), {.user = "33"}, kUsers);
  ASSERT_TRUE(process);
  EXPECT_EQ(process->user.uid, 33U);
  EXPECT_EQ(process->user.gid, 6U);
  EXPECT_EQ(process->user.additional_gids, (std::vector<std::uint32_t>{7}));
}

TEST(ExecProcess, NoNewPrivilegesAreTheContainersUnlessTold) {
  spec::Process container = of_container();
  for (const bool before : {true, false}) {
    container.no_new_privileges = before;
    EXPECT_EQ(plan_exec_process(container, {}, {})->no_new_privileges, before);
    for (const bool asked : {true, false})
      EXPECT_EQ(plan_exec_process(container, {.no_new_privileges = asked}, {})->no_new_privileges,
                asked);
  }
}

TEST(ExecProcess, AUserByNameBringsItsGroups) {
  const Result<spec::Process> process =
      plan_exec_process(of_container(), {.user = "web:video", .additional_gids = {"1"}}, kUsers);
  ASSERT_TRUE(process);
  EXPECT_EQ(process->user.uid, 33U);
  EXPECT_EQ(process->user.gid, 44U);
  EXPECT_EQ(process->user.additional_gids, (std::vector<std::uint32_t>{29, 1}));
}

TEST(ExecProcess, TheDatabaseIsOnlyAskedForNames) {
  EXPECT_FALSE(names_user({}));
  EXPECT_FALSE(names_user({.user = "33:44"}));
  EXPECT_TRUE(names_user({.user = "web"}));
  EXPECT_TRUE(names_user({.user = "33:video"}));
}

// CVE-2022-27650: what is inheritable and ambient reaches programs that were given nothing.
TEST(ExecProcess, AddedCapabilitiesAreAmbientOnlyWhereTheContainersAreInheritable) {
  spec::Process container = of_container();
  const ExecOptions options{.capabilities = {"net_raw"}};
  const spec::Capabilities plain = *plan_exec_process(container, options, {})->capabilities;
  EXPECT_EQ(plain.bounding, (spec::Strings{"CAP_KILL", "CAP_NET_RAW"}));
  EXPECT_TRUE(plain.inheritable.empty());
  EXPECT_TRUE(plain.ambient.empty());

  container.capabilities->inheritable = {"CAP_KILL"};
  const spec::Capabilities ambient = *plan_exec_process(container, options, {})->capabilities;
  EXPECT_EQ(ambient.ambient, (spec::Strings{"CAP_NET_RAW"}));
  EXPECT_EQ(ambient.inheritable, (spec::Strings{"CAP_KILL"}));
}

TEST(ExecProcess, WhatIsUnknownIsNamed) {
  const auto message = [](const ExecOptions& options) {
    return plan_exec_process(of_container(), options, kUsers).error().message();
  };
  EXPECT_EQ(message({.capabilities = {"fly"}}), "--cap: unknown capability 'fly'");
  EXPECT_EQ(message({.additional_gids = {"x"}}), "--additional-gids: 'x' is not a group id");
  EXPECT_EQ(message({.cwd = "tmp"}), "--cwd: expected an absolute path, got 'tmp'");
  EXPECT_EQ(message({.user = "0:ghosts"}),
            "--user: no group 'ghosts' in the container's /etc/group, and not a number");
}

}  // namespace
}  // namespace brig::runtime
