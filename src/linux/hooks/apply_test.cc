#include "linux/hooks/apply.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/file.h"
#include "sys/process.h"

namespace brig {
namespace {

Hook shell(const std::string& script, std::optional<std::uint32_t> timeout_s = {}) {
  return {.origin = "hooks.createRuntime[0]",
          .path = "/bin/sh",
          .argv = {"sh", "-c", script},
          .envp = {},
          .timeout_s = timeout_s};
}

std::string run(const Hook& hook, const HookContext& context = {}) {
  const Result<> done = run_hook(hook, context);
  return done ? "done" : done.error().message();
}

// What a script prints comes back in the text of its failure.
std::string said(const std::string& script, const HookContext& context = {}) {
  const std::string message = run(shell(script + "\nexit 1"), context);
  constexpr std::string_view kBefore = "hooks.createRuntime[0]: run /bin/sh: exit status 1: ";
  EXPECT_TRUE(message.starts_with(kBefore)) << message;
  return message.substr(std::min(kBefore.size(), message.size()));
}

TEST(RunHook, SuccessIsSilent) {
  EXPECT_EQ(run(shell("exit 0")), "done");
}

TEST(RunHook, AFailureNamesTheHookTheProgramAndTheStatus) {
  Hook hook = shell("");
  hook.path = "/bin/false";
  hook.argv = {"false"};
  EXPECT_EQ(run(hook), "hooks.createRuntime[0]: run /bin/false: exit status 1");
  EXPECT_EQ(run(shell("exit 42")), "hooks.createRuntime[0]: run /bin/sh: exit status 42");
}

TEST(RunHook, AMissingProgramIsTheKernelsWord) {
  Hook hook = shell("");
  hook.path = "/no/such/program";
  EXPECT_EQ(run(hook),
            "hooks.createRuntime[0]: run /no/such/program: exec /no/such/program: "
            "no such file or directory (ENOENT)");
}

TEST(RunHook, ASignalIsNamed) {
  EXPECT_EQ(run(shell("kill -SEGV $$")),
            "hooks.createRuntime[0]: run /bin/sh: killed by signal 11 (SIGSEGV)");
}

TEST(RunHook, TheErrorEndsWithWhatTheHookComplainedOf) {
  EXPECT_EQ(said("echo progress; echo 'no such bridge' >&2"), "no such bridge");
  EXPECT_EQ(said("echo 'no such bridge'"), "no such bridge");
}

TEST(RunHook, OnlyTheEndOfALongComplaintIsKept) {
  const std::string words = said(
      "i=0; while [ $i -lt 20000 ]; do echo line$i; i=$((i+1)); "
      "done >&2");
  EXPECT_LE(words.size(), 4096U);
  EXPECT_TRUE(words.ends_with("line19998\nline19999"));
}

TEST(RunHook, TheStateIsAllOfItsInput) {
  EXPECT_EQ(said("cat", {.state_json = R"({"id":"web"})"}), R"({"id":"web"})");
}

TEST(RunHook, AStateLargerThanAPipeArrivesWhole) {
  const std::string state(300'000, 'x');
  EXPECT_EQ(said("wc -c", {.state_json = state}), "300000");
}

TEST(RunHook, AHookThatNeverReadsItsInputIsNoTrouble) {
  const std::string state(300'000, 'x');
  EXPECT_EQ(run(shell("exec <&-; exit 0"), {.state_json = state}), "done");
}

TEST(RunHook, TheEnvironmentIsThatOfTheHookOnly) {
  ::setenv("BRIG_TEST_LEAK", "1", 1);
  Hook hook = shell("");
  hook.path = "/usr/bin/env";
  hook.argv = {"env", "-u", "none", "sh", "-c", "/usr/bin/env; exit 1"};
  hook.envp = {"PATH=/usr/bin:/bin", "ONE=1"};
  const std::string message = run(hook);
  EXPECT_NE(message.find("ONE=1"), std::string::npos) << message;
  EXPECT_EQ(message.find("BRIG_TEST_LEAK"), std::string::npos) << message;
}

TEST(RunHook, ItGetsNoDescriptorButTheThree) {
  const Fd leak(::open("/", O_PATH | O_DIRECTORY));  // without close-on-exec
  ASSERT_TRUE(leak);
  // ls itself has one more open: the directory it lists.
  EXPECT_EQ(said("ls /proc/self/fd | tr '\\n' ' '"), "0 1 2 3");
}

TEST(RunHook, ItRunsWhereTheCallerSays) {
  const Fd root(::open("/usr", O_PATH | O_DIRECTORY | O_CLOEXEC));
  EXPECT_EQ(said("pwd", {.state_json = {}, .cwd = root}), "/usr");
}

TEST(RunHook, ItLeadsASessionOfItsOwn) {
  // Fields 5 and 6 of stat: process group and session.
  EXPECT_EQ(said("set -- $(cat /proc/$$/stat); [ $5 = $$ ] && [ $6 = $$ ] && echo own"), "own");
}

TEST(RunHook, SignalsAreAsAFreshProcessExpectsThem) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGPIPE, SIG_IGN);
    sigset_t set;
    ::sigfillset(&set);
    ::sigprocmask(SIG_SETMASK, &set, nullptr);
    const std::string masks = said("grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -d '\\n\\t'");
    ::_exit(masks == "SigBlk:0000000000000000SigIgn:0000000000000000" ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(RunHook, ATimeoutIsNamedWithItsLength) {
  EXPECT_EQ(run(shell("echo waiting >&2; exec sleep 60", 1)),
            "hooks.createRuntime[0]: run /bin/sh: timed out after 1 s: waiting");
}

TEST(RunHook, AGrandchildThatHoldsTheOutputsOpenDoesNotBlock) {
  const std::int64_t start = sys::monotonic_ms();
  EXPECT_EQ(run(shell("sleep 5 & exit 0")), "done");
  EXPECT_EQ(said("sleep 5 & echo gone >&2"), "gone");
  EXPECT_LT(sys::monotonic_ms() - start, 4000);
}

TEST(RunHook, WorksWhenTheCallersOwnStreamsAreClosed) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(0);
    ::close(1);
    ::close(2);
    ::_exit(said("cat; echo err >&2", {.state_json = "in"}) == "err" ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
}

TEST(RunHook, LeavesNoDescriptorBehind) {
  const Result<Fd> own = sys::open_at(FdRef::cwd(), "/proc/self/fd", O_RDONLY | O_DIRECTORY);
  const std::size_t before = sys::list_dir(*own)->size();
  run(shell("exit 0"));
  run(shell("exit 1"));
  EXPECT_EQ(sys::list_dir(*own)->size(), before);
}

TEST(RunHooks, TheFirstFailureEndsTheList) {
  Hook second = shell("exit 2");
  second.origin = "hooks.createRuntime[1]";
  Hook third = shell("exit 3");
  third.origin = "hooks.createRuntime[2]";
  const Result<> done = run_hooks({shell("exit 0"), second, third}, {});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message(), "hooks.createRuntime[1]: run /bin/sh: exit status 2");
}

}  // namespace
}  // namespace brig
