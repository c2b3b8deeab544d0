// For tests: runs a seccomp filter as the kernel would, and says independently what a profile
// means, so that the two can be compared call by call.
#pragma once

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "linux/seccomp/plan.h"

namespace brig::bpf_eval {

struct Call {
  std::uint32_t arch = AUDIT_ARCH_X86_64;
  std::uint32_t number = 0;
  std::array<std::uint64_t, 6> args{};
};

// ---- the machine: the subset of classic BPF that seccomp allows and libseccomp uses ------------

class Machine {
 public:
  Machine(std::string_view program, const Call& call)
      : code_(program.size() / sizeof(sock_filter)) {
    std::memcpy(code_.data(), program.data(), program.size());
    data_.nr = static_cast<int>(call.number);
    data_.arch = call.arch;
    for (std::size_t i = 0; i < 6; ++i) data_.args[i] = call.args[i];
  }

  // The action, or nothing for a program that the kernel would not have taken.
  std::optional<std::uint32_t> run() {
    for (std::size_t at = 0; at < code_.size();) {
      const sock_filter& op = code_[at++];
      ++steps_;
      switch (BPF_CLASS(op.code)) {
        case BPF_LD:
          if (op.code != (BPF_LD | BPF_W | BPF_ABS) || op.k + 4 > sizeof data_) return {};
          std::memcpy(&accumulator_, reinterpret_cast<const char*>(&data_) + op.k, 4);
          break;
        case BPF_ALU:
          if (op.code != (BPF_ALU | BPF_AND | BPF_K)) return {};
          accumulator_ &= op.k;
          break;
        case BPF_JMP:
          at += op.code == (BPF_JMP | BPF_JA) ? op.k : holds(op) ? op.jt : op.jf;
          break;
        case BPF_RET:
          if (op.code != (BPF_RET | BPF_K)) return {};
          return op.k;
        default:
          return {};
      }
    }
    return {};
  }

  // How many instructions that took.
  [[nodiscard]] std::size_t steps() const { return steps_; }

 private:
  [[nodiscard]] bool holds(const sock_filter& op) const {
    switch (BPF_OP(op.code)) {
      case BPF_JEQ:
        return accumulator_ == op.k;
      case BPF_JGE:
        return accumulator_ >= op.k;
      case BPF_JGT:
        return accumulator_ > op.k;
      default:
        return (accumulator_ & op.k) != 0;  // BPF_JSET
    }
  }

  std::vector<sock_filter> code_;
  seccomp_data data_{};
  std::uint32_t accumulator_ = 0;
  std::size_t steps_ = 0;
};

inline std::optional<std::uint32_t> run(std::string_view program, const Call& call) {
  return Machine(program, call).run();
}

// ---- the meaning of a profile ------------------------------------------------------------------

constexpr std::uint32_t kX32Bit = 0x40000000;

// libseccomp's number of the architecture that a call is made with.
inline std::uint32_t library_arch(const Call& call) {
  const bool x32 = call.arch == AUDIT_ARCH_X86_64 && (call.number & kX32Bit) != 0;
  return x32 ? SCMP_ARCH_X32 : call.arch;
}

// The arguments of 32-bit programs are 32 bits wide (x32's to libseccomp, if not to the kernel),
// and a profile's values are cut to that.
inline std::uint64_t argument_mask(const Call& call) {
  return (library_arch(call) & __AUDIT_ARCH_64BIT) != 0 ? ~std::uint64_t{0} : 0xffffffff;
}

inline bool matches(const SeccompArgument& arg, const Call& call) {
  const std::uint64_t width = argument_mask(call);
  const std::uint64_t actual = call.args[arg.index] & width;
  const std::uint64_t value = arg.value & width;
  switch (arg.comparison) {
    case SCMP_CMP_NE:
      return actual != value;
    case SCMP_CMP_LT:
      return actual < value;
    case SCMP_CMP_LE:
      return actual <= value;
    case SCMP_CMP_EQ:
      return actual == value;
    case SCMP_CMP_GE:
      return actual >= value;
    case SCMP_CMP_GT:
      return actual > value;
    default:
      return (actual & value) == (arg.value_two & width);  // SCMP_CMP_MASKED_EQ
  }
}

inline bool applies(const SeccompRule& rule, const std::string& name, const Call& call) {
  bool named = false;
  for (const std::string& known : rule.names) named = named || known == name;
  for (const SeccompArgument& arg : rule.args) named = named && matches(arg, call);
  return named;
}

inline std::string syscall_name(const Call& call) {
  char* name =
      ::seccomp_syscall_resolve_num_arch(library_arch(call), static_cast<int>(call.number));
  std::string result = name != nullptr ? name : "";
  std::free(name);
  return result;
}

// Every action that may be right. More than one where rules with different actions overlap:
// which of them wins is libseccomp's choice.
inline std::set<std::uint32_t> meant(const SeccompProfile& profile, const Call& call) {
  const std::string name = syscall_name(call);
  std::set<std::uint32_t> actions;
  bool by_default = true;
  for (const SeccompRule& rule : profile.rules) {
    if (name.empty() || !applies(rule, name, call)) continue;
    actions.insert(rule.action);
    if (rule.args.empty() && rule.action != profile.default_action) by_default = false;
  }
  if (actions.empty() || (by_default && actions.contains(profile.default_action)))
    actions.insert(profile.default_action);
  return actions;
}

// Calls that tell the rules for one syscall apart: each value they compare with, and its
// neighbours, in each argument.
inline std::vector<Call> probes(const SeccompProfile& profile, const Call& call) {
  std::vector<Call> calls{call};
  const std::string name = syscall_name(call);
  for (const SeccompRule& rule : profile.rules)
    for (const std::string& known : rule.names) {
      if (name.empty() || known != name) continue;
      for (const SeccompArgument& arg : rule.args) {
        const std::size_t so_far = std::min<std::size_t>(calls.size(), 64);
        for (std::size_t i = 0; i < so_far; ++i)
          for (const std::uint64_t value :
               {arg.value, arg.value - 1, arg.value + 1, arg.value_two, ~arg.value,
                arg.value | std::uint64_t{1} << 32, std::uint64_t{0}, ~std::uint64_t{0}}) {
            Call probe = calls[i];
            probe.args[arg.index] = value;
            calls.push_back(probe);
          }
      }
    }
  for (Call& probe : calls)
    for (std::uint64_t& value : probe.args) value &= argument_mask(call);
  return calls;
}

}  // namespace brig::bpf_eval
