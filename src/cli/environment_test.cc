#include "cli/environment.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <string>

namespace brig::cli {
namespace {

runtime::CreateOptions taken(const std::map<std::string_view, std::string_view>& variables) {
  const Environment lookup = [&](std::string_view name) {
    const auto found = variables.find(name);
    return found == variables.end() ? std::string_view() : found->second;
  };
  runtime::CreateOptions options;
  take_service_environment(lookup, 42, options);
  return options;
}

TEST(ServiceEnvironment, DescriptorsForThisProcessAreTaken) {
  const runtime::CreateOptions options =
      taken({{"LISTEN_FDS", "2"}, {"LISTEN_PID", "42"}, {"LISTEN_FDNAMES", "a:b"}});
  EXPECT_EQ(options.listen_fds, 2U);
  EXPECT_EQ(options.listen_fd_names, "a:b");
}

TEST(ServiceEnvironment, DescriptorsForAnotherProcessAreNot) {
  for (const char* const pid : {"", "41", "x", "42x"}) {
    const runtime::CreateOptions options =
        taken({{"LISTEN_FDS", "2"}, {"LISTEN_PID", pid}, {"LISTEN_FDNAMES", "a:b"}});
    EXPECT_EQ(options.listen_fds, 0U) << pid;
    EXPECT_EQ(options.listen_fd_names, "") << pid;
  }
}

TEST(ServiceEnvironment, ACountThatIsNoNumberIsNone) {
  for (const char* const count : {"-1", "x", "0", "99999999999999"})
    EXPECT_EQ(taken({{"LISTEN_FDS", count}, {"LISTEN_PID", "42"}}).listen_fds, 0U) << count;
}

TEST(ServiceEnvironment, TheNotifySocketIsTaken) {
  EXPECT_EQ(taken({{"NOTIFY_SOCKET", "/n"}}).notify_socket, "/n");
  EXPECT_EQ(taken({}).notify_socket, "");
}

TEST(Environment, AnUnsetVariableIsEmpty) {
  ::setenv("BRIG_TEST_VARIABLE", "x", 1);
  EXPECT_EQ(environment("BRIG_TEST_VARIABLE"), "x");
  ::unsetenv("BRIG_TEST_VARIABLE");
  EXPECT_EQ(environment("BRIG_TEST_VARIABLE"), "");
}

}  // namespace
}  // namespace brig::cli
