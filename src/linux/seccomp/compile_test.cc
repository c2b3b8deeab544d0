#include "linux/seccomp/compile.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "linux/seccomp/apply.h"
#include "linux/seccomp/bpf_eval_test.h"
#include "linux/seccomp/newer_syscalls.h"

namespace brig {
namespace {

using bpf_eval::Call;

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
constexpr std::uint32_t kDenied = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kNoSuchCall = SECCOMP_RET_ERRNO | ENOSYS;

SeccompArgument argument(std::uint32_t index, scmp_compare comparison, std::uint64_t value,
                         std::uint64_t value_two = 0) {
  return {.index = index, .comparison = comparison, .value = value, .value_two = value_two};
}

// The shapes of Docker's and Podman's profiles: long lists, masks, alternatives, 64-bit values,
// syscalls that only other architectures have, names of the future.
SeccompProfile engine_like() {
  return {.default_action = kDenied,
          .flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW,
          .arches = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, SCMP_ARCH_X32},
          .rules = {
              {.names = {"read",
                         "write",
                         "close",
                         "fstat",
                         "mmap",
                         "brk",
                         "execve",
                         "exit",
                         "exit_group",
                         "openat",
                         "futex",
                         "getpid",
                         "socket",
                         "socketcall",
                         "bind",
                         "sendmsg",
                         "shmget",
                         "ipc",
                         "waitid",
                         "rt_sigreturn",
                         "_llseek",
                         "mmap2",
                         "time64_of_the_future",
                         "pidfd_open",
                         "close_range",
                         "openat2",
                         "faccessat2",
                         "epoll_pwait2",
                         "ioctl",
                         "poll",
                         "select",
                         "rt_sigaction",
                         "statx",
                         "rseq"},
               .action = kAllow},
              {.names = {"personality"}, .action = kAllow, .args = {argument(0, SCMP_CMP_EQ, 0)}},
              {.names = {"personality"}, .action = kAllow, .args = {argument(0, SCMP_CMP_EQ, 8)}},
              {.names = {"personality"},
               .action = kAllow,
               .args = {argument(0, SCMP_CMP_EQ, 0xffffffff)}},
              {.names = {"clone"},
               .action = kAllow,
               .args = {argument(0, SCMP_CMP_MASKED_EQ, 0x7e020000, 0)}},
              {.names = {"clone3"}, .action = kNoSuchCall},
              {.names = {"mount"}, .action = kDenied},  // what the default says anyway
              {.names = {"kill"},
               .action = SECCOMP_RET_LOG,
               .args = {argument(0, SCMP_CMP_GT, 1), argument(1, SCMP_CMP_LE, 15)}},
              {.names = {"lseek"},
               .action = SECCOMP_RET_KILL_PROCESS,
               .args = {argument(1, SCMP_CMP_GE, 0x100000000), argument(2, SCMP_CMP_NE, 1)}},
              {.names = {"ptrace"}, .action = SECCOMP_RET_TRACE | 7},
              {.names = {"reboot"}, .action = SECCOMP_RET_TRAP},
          }};
}

std::string compiled(const SeccompProfile& profile) {
  Result<std::string> bpf = compile_seccomp(profile);
  EXPECT_TRUE(bpf) << bpf.error().message();
  return *std::move(bpf);
}
std::uint32_t action(const SeccompProfile& profile, const Call& call) {
  const std::optional<std::uint32_t> action = bpf_eval::run(compiled(profile), call);
  EXPECT_TRUE(action.has_value());
  return action.value_or(0);
}

// Compares the filter with the profile for every syscall number of an architecture, and for the
// arguments that its rules look at. Returns how many calls it compared.
int compare(const SeccompProfile& profile, const std::string& bpf, std::uint32_t arch,
            std::uint32_t first_number) {
  int compared = 0;
  for (std::uint32_t number = first_number; number < first_number + 460; ++number)
    for (const Call& call : bpf_eval::probes(profile, {.arch = arch, .number = number})) {
      // 32-bit x86 has two multiplexers whose first argument is the syscall that is meant.
      if (arch == AUDIT_ARCH_I386 && (number == 102 || number == 117)) continue;
      const std::optional<std::uint32_t> got = bpf_eval::run(bpf, call);
      std::set<std::uint32_t> meant = bpf_eval::meant(profile, call);
      if (meant.contains(profile.default_action)) meant.insert(kNoSuchCall);
      EXPECT_TRUE(got && meant.contains(*got))
          << bpf_eval::syscall_name(call) << " " << number << " of " << arch << " with "
          << call.args[0] << " " << call.args[1] << " " << call.args[2] << ": got "
          << got.value_or(1);
      ++compared;
    }
  return compared;
}

TEST(CompileSeccomp, TheFilterDoesWhatTheProfileSaysForEverySyscall) {
  const SeccompProfile profile = engine_like();
  const std::string bpf = compiled(profile);
  EXPECT_GT(compare(profile, bpf, AUDIT_ARCH_X86_64, 0), 460);
  EXPECT_GT(compare(profile, bpf, AUDIT_ARCH_X86_64, bpf_eval::kX32Bit), 460);
  EXPECT_GT(compare(profile, bpf, AUDIT_ARCH_I386, 0), 460);
}

TEST(CompileSeccomp, EveryComparisonHoldsAtItsEdge) {
  for (const scmp_compare comparison : {SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_EQ,
                                        SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ})
    for (const std::uint64_t value : {0x1ULL, 0xffffffffULL, 0x100000000ULL, 0x1234567890ULL}) {
      const SeccompProfile profile{
          .default_action = kDenied,
          .rules = {{.names = {"getpid"},
                     .action = kAllow,
                     .args = {argument(3, comparison, value, value & 0xff)}}}};
      compare(profile, compiled(profile), AUDIT_ARCH_X86_64, 0);
    }
}

TEST(CompileSeccomp, AnArchitectureThatIsNotListedIsKilled) {
  const SeccompProfile profile{.default_action = kAllow};
  EXPECT_EQ(action(profile, {.arch = AUDIT_ARCH_I386, .number = 3}), SECCOMP_RET_KILL_THREAD);
  EXPECT_EQ(action(profile, {.number = bpf_eval::kX32Bit}), SECCOMP_RET_KILL_THREAD);
  EXPECT_EQ(action(profile, {.number = 3}), kAllow);
}

TEST(CompileSeccomp, UnknownSyscallsAreSkipped) {
  const SeccompProfile profile{.default_action = kAllow,
                               .rules = {{.names = {"no_such_call", "mkdir"}, .action = kDenied}}};
  EXPECT_EQ(action(profile, {.number = __NR_mkdir}), kDenied);
}

SeccompProfile two_rules(const SeccompRule& one, const SeccompRule& other) {
  SeccompProfile profile{.default_action = kDenied, .rules = {one, other}};
  for (SeccompRule& rule : profile.rules) rule.names = {"getpid"};
  return profile;
}

TEST(CompileSeccomp, OfTwoRulesWithoutConditionsTheFirstCounts) {
  const SeccompRule allow{.action = kAllow}, refuse{.action = kNoSuchCall};
  EXPECT_EQ(action(two_rules(allow, refuse), {.number = __NR_getpid}), kAllow);
  EXPECT_EQ(action(two_rules(refuse, allow), {.number = __NR_getpid}), kNoSuchCall);
}

TEST(CompileSeccomp, ARuleWithoutConditionsCountsBeforeOneWithThem) {
  const SeccompRule always{.action = kAllow};
  const SeccompRule sometimes{.action = kNoSuchCall, .args = {argument(0, SCMP_CMP_EQ, 0)}};
  EXPECT_EQ(action(two_rules(always, sometimes), {.number = __NR_getpid}), kAllow);
  EXPECT_EQ(action(two_rules(sometimes, always), {.number = __NR_getpid}), kAllow);
}

TEST(CompileSeccomp, TwoRulesThatContradictEachOtherAreRefusedWithTheName) {
  const SeccompArgument zero = argument(0, SCMP_CMP_EQ, 0);
  const Result<std::string> bpf = compile_seccomp(
      two_rules({.action = kAllow, .args = {zero}}, {.action = kNoSuchCall, .args = {zero}}));
  ASSERT_FALSE(bpf);
  EXPECT_EQ(bpf.error().message(),
            "compile the seccomp profile: syscalls: two rules for getpid have the "
            "same conditions and different actions");
}

TEST(CompileSeccomp, AnArchitectureOfAnotherByteOrderIsRefusedByName) {
  const Result<std::string> bpf =
      compile_seccomp({.default_action = kAllow, .arches = {AUDIT_ARCH_S390X}});
  ASSERT_FALSE(bpf);
  EXPECT_EQ(bpf.error().message(),
            "compile the seccomp profile: linux.seccomp.architectures: this build's libseccomp "
            "cannot filter SCMP_ARCH_S390X here");
}

TEST(NewerSyscalls, AboveTheHighestNamedOneThereIsNoSuchCall) {
  const SeccompProfile profile{
      .default_action = kDenied,
      .arches = {AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, SCMP_ARCH_X32},
      .rules = {{.names = {"read", "openat2"}, .action = kAllow}}};  // openat2 is 437 everywhere
  for (const Call& base :
       {Call{}, Call{.number = bpf_eval::kX32Bit}, Call{.arch = AUDIT_ARCH_I386}}) {
    const auto at = [&](std::uint32_t number) {
      return action(profile, {.arch = base.arch, .number = base.number + number});
    };
    EXPECT_EQ(at(436), kDenied);
    EXPECT_EQ(at(437), kAllow);
    EXPECT_EQ(at(438), kNoSuchCall);
    EXPECT_EQ(at(9999), kNoSuchCall);
  }
  EXPECT_EQ(action(profile, {.arch = AUDIT_ARCH_AARCH64, .number = 9999}), SECCOMP_RET_KILL_THREAD);
}

TEST(NewerSyscalls, OnlyAnErrnoByDefaultIsReplaced) {
  for (const std::uint32_t untouched :
       {std::uint32_t{SECCOMP_RET_KILL_PROCESS}, std::uint32_t{SECCOMP_RET_KILL_THREAD},
        std::uint32_t{SECCOMP_RET_TRAP}, SECCOMP_RET_TRACE | 1U, std::uint32_t{SECCOMP_RET_LOG},
        kAllow, kNoSuchCall}) {
    const SeccompProfile profile{.default_action = untouched,
                                 .rules = {{.names = {"read"}, .action = SECCOMP_RET_ERRNO | 9}}};
    EXPECT_EQ(newer_syscalls_prologue(profile), "");
    EXPECT_EQ(action(profile, {.number = 9999}), untouched);
  }
}

TEST(NewerSyscalls, AProfileThatNamesNoSyscallKeepsItsDefault) {
  EXPECT_EQ(action({.default_action = kDenied}, {.number = 9999}), kDenied);
}

// ---- in the kernel, each in a child -----------------------------------------------------------

template <class Body>
int status_of(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body());
  int status = 0;
  ::waitpid(child, &status, 0);
  return status;
}

SeccompProfile small_profile() {
  return {.default_action = kAllow,
          .flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW,
          .arches = {AUDIT_ARCH_X86_64},
          .rules = {{.names = {"getppid"}, .action = SECCOMP_RET_ERRNO | EDOM},
                    {.names = {"getpgid"},
                     .action = SECCOMP_RET_KILL_PROCESS,
                     .args = {argument(0, SCMP_CMP_EQ, 7)}}}};
}

bool load(const SeccompProfile& profile) {
  const Result<std::string> bpf = compile_seccomp(profile);
  ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  return bpf && apply_seccomp({.bpf = *bpf, .flags = profile.flags});
}

TEST(ApplySeccomp, TheKernelFollowsTheProfile) {
  EXPECT_EQ(0, status_of([] {
              if (!load(small_profile())) return 1;
              if (::syscall(SYS_getppid) != -1 || errno != EDOM) return 2;
              return ::getpgid(0) > 0 ? 0 : 3;
            }));
}

TEST(ApplySeccomp, ARuleThatKillsKills) {
  const int status = status_of([] {
    if (!load(small_profile())) return 1;
    ::getpgid(7);
    return 2;
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGSYS);
}

TEST(ApplySeccomp, AProfileLikeAnEnginesIsAccepted) {
  EXPECT_EQ(0, status_of([] {
              const std::string bpf = *compile_seccomp(engine_like());
              ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
              // The profile has no munmap: nothing may be freed any more.
              const bool done = apply_seccomp({.bpf = bpf}).has_value();
              ::syscall(SYS_exit_group, done ? 0 : 1);  // a sanitizer looks around in _exit
              return 2;
            }));
}

TEST(ApplySeccomp, WithoutTheRightToItIsRefusedWithTheRemedy) {
  EXPECT_EQ(0, status_of([] {
              if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) return 1;
              const std::string bpf = *compile_seccomp(small_profile());
              const Result<> done = apply_seccomp({.bpf = bpf});
              return !done && done.error().message() ==
                                  "load the seccomp filter: it needs CAP_SYS_ADMIN or "
                                  "process.noNewPrivileges: seccomp: permission denied (EACCES)"
                         ? 0
                         : 2;
            }));
}

TEST(ApplySeccomp, AFlagThatTheKernelLacksIsNotDroppedInSilence) {
  EXPECT_EQ(0, status_of([] {
              const std::string bpf = *compile_seccomp(small_profile());
              ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
              const Result<> done = apply_seccomp({.bpf = bpf, .flags = 1U << 30});
              return !done && done.error().sys_errno() == EINVAL ? 0 : 1;
            }));
}

TEST(ApplySeccomp, ANotifyingProgramIsRefusedWhereNobodyListens) {
  const Result<> done =
      apply_seccomp({.bpf = compiled(small_profile()), .flags = SECCOMP_FILTER_FLAG_NEW_LISTENER});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code(), Errc::Unsupported);
}

TEST(ApplySeccomp, ANotifyingProgramHasAListener) {
  EXPECT_EQ(0, status_of([] {
              SeccompProfile profile = small_profile();
              profile.rules = {{.names = {"getppid"}, .action = SECCOMP_RET_USER_NOTIF}};
              profile.flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
              const std::string bpf = *compile_seccomp(profile);
              ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
              const Result<Fd> listener =
                  open_seccomp_listener({.bpf = bpf, .flags = profile.flags});
              return listener && *listener ? 0 : 1;
            }));
}

TEST(CompileSeccomp, AnUnknownNameIsSkippedOrRefused) {
  SeccompProfile profile{.default_action = SECCOMP_RET_ALLOW,
                         .rules = {{.names = {"sync", "not_a_call"}, .action = SECCOMP_RET_KILL}}};
  EXPECT_TRUE(compile_seccomp(profile));
  profile.known_names_only = true;
  const Result<std::string> refused = compile_seccomp(profile);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message(),
            "syscalls: unknown system call 'not_a_call', which "
            "run.oci.seccomp_fail_unknown_syscall forbids");
}

}  // namespace
}  // namespace brig
