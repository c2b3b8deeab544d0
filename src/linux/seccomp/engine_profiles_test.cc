// The profiles that engines gave the runtime, call by call.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/text.h"
#include "linux/seccomp/compile.h"
#include "linux/seccomp/plan.h"
#include "linux/seccomp/reference_test.h"
#include "spec/load.h"
#include "spec/types.h"
#include "sys/file.h"

namespace brig {
namespace {

using seccomp_reference::Reference;

constexpr std::uint32_t kNumbers = 1200;  // more than any architecture has
constexpr std::array<std::string_view, 3> kArches{"64", "32", "x32"};

struct Profile {
  json::Node config;    // as text, for the reference
  SeccompProfile plan;  // as brig understands it

  [[nodiscard]] const json::Node& seccomp() const { return *config.find("linux")->find("seccomp"); }
};

Profile profile_of(std::string_view engine) {
  const std::string text = *sys::read_file_at(
      FdRef::cwd(), cat(BRIG_SOURCE_DIR "/tests/golden/", engine, "/config.json"));
  std::vector<std::string> warnings;
  const Result<spec::Spec> spec = spec::load_spec({.name = "config.json", .bytes = text}, warnings);
  return {.config = *json::parse(text), .plan = *plan_seccomp(*spec->linux_->seccomp)};
}

std::string describe(const bpf_eval::Call& call) {
  std::string text = cat("call ", call.number & ~bpf_eval::kX32Bit, " with");
  for (const std::uint64_t arg : call.args) text += cat(" ", arg);
  return text;
}

// A call, and what the text of the profile says of it.
struct Question {
  bpf_eval::Call call;
  std::optional<std::uint32_t> wanted;
};

std::vector<Question> questions_of(const Profile& profile) {
  std::vector<Question> questions;
  for (const std::string_view arch : kArches) {
    const Reference reference(profile.seccomp(), arch);
    for (std::uint32_t i = 0; i < kNumbers; ++i)
      for (const bpf_eval::Call& call : reference.probes(reference.first_number() + i))
        questions.push_back({.call = call, .wanted = reference.decide(call)});
  }
  return questions;
}

// The first question that the filter answers otherwise, as text; empty: there is none.
std::string first_difference(const std::vector<Question>& questions, const SeccompProfile& plan) {
  const Result<std::string> bpf = compile_seccomp(plan);
  // libseccomp has to cut conditions of the calls that 32-bit x86 bundles in socketcall(2); two
  // rules may then be at odds, which is noticed well enough.
  if (!bpf) return bpf.error().message();
  for (const auto& [call, wanted] : questions) {
    const auto got = bpf_eval::run(*bpf, call);
    if (!wanted || got != wanted)
      return cat(describe(call), ": wanted ", wanted.value_or(1), ", got ", got.value_or(1));
  }
  return {};
}

class EngineProfiles : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (seccomp_reference::read_numbers("x32").empty())
      GTEST_SKIP() << "the kernel's lists of x86 system calls are not installed";
  }
};

INSTANTIATE_TEST_SUITE_P(Of, EngineProfiles, testing::Values("docker", "podman"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(EngineProfiles, TheFilterDoesWhatTheTextSaysForEveryCallOfEveryArchitecture) {
  const Profile profile = profile_of(GetParam());
  for (const std::string_view arch : kArches)
    EXPECT_GT(Reference(profile.seccomp(), arch).named(), 280U) << arch;
  const std::vector<Question> questions = questions_of(profile);
  EXPECT_EQ(first_difference(questions, profile.plan), "");
  EXPECT_GT(questions.size(), 4000U);
}

// What shows that the test above can fail: of two rules that say the same, either may go.
TEST_P(EngineProfiles, NoRuleCouldBeMissingUnnoticed) {
  const Profile profile = profile_of(GetParam());
  const std::vector<Question> questions = questions_of(profile);
  for (std::size_t i = 0; i < profile.plan.rules.size(); ++i) {
    SeccompProfile without = profile.plan;
    const SeccompRule gone = without.rules[i];
    without.rules.erase(without.rules.begin() + static_cast<std::ptrdiff_t>(i));
    const bool said_twice = std::ranges::find(without.rules, gone) != without.rules.end();
    EXPECT_EQ(first_difference(questions, without).empty(), said_twice) << "syscalls[" << i << "]";
  }
}

TEST_P(EngineProfiles, NoValueCouldBeWrongUnnoticed) {
  const Profile profile = profile_of(GetParam());
  const std::vector<Question> questions = questions_of(profile);
  for (std::size_t i = 0; i < profile.plan.rules.size(); ++i) {
    for (std::size_t k = 0; k < profile.plan.rules[i].args.size(); ++k) {
      SeccompProfile wrong = profile.plan;
      wrong.rules[i].args[k].value ^= 1;
      EXPECT_NE(first_difference(questions, wrong), "")
          << "syscalls[" << i << "].args[" << k << "]";
    }
    if ((profile.plan.rules[i].action & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO) continue;
    SeccompProfile wrong = profile.plan;
    wrong.rules[i].action ^= 2;
    EXPECT_NE(first_difference(questions, wrong), "") << "syscalls[" << i << "].errnoRet";
  }
}

TEST_P(EngineProfiles, OtherArchitecturesAreKilled) {
  const std::string bpf = *compile_seccomp(profile_of(GetParam()).plan);
  for (const std::uint32_t arch :
       std::array<std::uint32_t, 3>{AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM, AUDIT_ARCH_RISCV64})
    for (std::uint32_t number = 0; number < kNumbers; ++number)
      EXPECT_EQ(bpf_eval::run(bpf, {.arch = arch, .number = number}), SECCOMP_RET_KILL_THREAD);
}

// A list of 300 comparisons would cost each call of the container as many steps.
TEST_P(EngineProfiles, AnswersComeFromASearchTree) {
  const std::string bpf = *compile_seccomp(profile_of(GetParam()).plan);
  for (std::uint32_t number = 0; number < kNumbers; ++number) {
    bpf_eval::Machine machine(bpf, {.number = number});
    EXPECT_TRUE(machine.run());
    EXPECT_LT(machine.steps(), 50U) << number;
  }
}

}  // namespace
}  // namespace brig
