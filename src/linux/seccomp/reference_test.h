// For tests: what a profile means, worked out from the text of config.json and the kernel's own
// lists of system calls. Shares nothing with the parser, the plan and libseccomp, so that it can be
// compared with what they make of the same profile.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "linux/seccomp/bpf_eval_test.h"

namespace brig::seccomp_reference {

using bpf_eval::Call;
using SyscallNumbers = std::map<std::string, std::uint32_t>;

// From <asm/unistd_SUFFIX.h>: 64, 32 or x32, there with bit 30. Empty where there is no such file.
SyscallNumbers read_numbers(std::string_view suffix);

// linux.seccomp as one architecture sees it.
class Reference {
 public:
  Reference(const json::Node& seccomp, std::string_view suffix);

  [[nodiscard]] std::uint32_t audit_arch() const { return arch_; }
  [[nodiscard]] std::uint32_t first_number() const { return first_; }
  [[nodiscard]] std::size_t named() const { return rules_.size(); }

  // SECCOMP_RET_* with its data: that of the first rule without conditions, else of those whose
  // conditions hold; nothing where these contradict each other. A rule that says the same as the
  // default is none.
  [[nodiscard]] std::optional<std::uint32_t> decide(const Call& call) const;
  // Calls that tell the rules for a number apart: each value that they compare with, its
  // neighbours, and its single bits.
  [[nodiscard]] std::vector<Call> probes(std::uint32_t number) const;

 private:
  [[nodiscard]] bool holds(const json::Node& arg, const Call& call) const;
  [[nodiscard]] bool holds_whole(const json::Node& rule, const Call& call) const;

  std::uint32_t arch_ = 0, first_ = 0, highest_ = 0, default_ = 0;
  std::uint64_t width_ = 0;
  std::map<std::uint32_t, std::vector<const json::Node*>> rules_;
};

}  // namespace brig::seccomp_reference
