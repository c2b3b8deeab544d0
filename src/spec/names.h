// The words that the specification knows.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "base/capability_names.h"

namespace brig::spec {

// What a member of this kind may be, and what to call it in a message.
struct Vocabulary {
  std::string_view kind;
  std::span<const std::string_view> names;
};

inline bool contains(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

inline constexpr Vocabulary kCapabilities{"capability", kCapabilityNames};

inline constexpr std::string_view kNamespaceNames[] = {"pid", "network", "mount",  "ipc",
                                                       "uts", "user",    "cgroup", "time"};
inline constexpr Vocabulary kNamespaces{"namespace", kNamespaceNames};

// getrlimit(2)
inline constexpr std::string_view kRlimitNames[] = {
    "RLIMIT_AS",     "RLIMIT_CORE",   "RLIMIT_CPU",        "RLIMIT_DATA",
    "RLIMIT_FSIZE",  "RLIMIT_LOCKS",  "RLIMIT_MEMLOCK",    "RLIMIT_MSGQUEUE",
    "RLIMIT_NICE",   "RLIMIT_NOFILE", "RLIMIT_NPROC",      "RLIMIT_RSS",
    "RLIMIT_RTPRIO", "RLIMIT_RTTIME", "RLIMIT_SIGPENDING", "RLIMIT_STACK",
};
inline constexpr Vocabulary kRlimits{"rlimit", kRlimitNames};

inline constexpr std::string_view kPropagationNames[] = {
    "shared", "slave", "private", "unbindable", "rshared", "rslave", "rprivate", "runbindable"};
inline constexpr Vocabulary kPropagations{"propagation", kPropagationNames};

// sched(7)
inline constexpr std::string_view kSchedulerPolicyNames[] = {
    "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR",      "SCHED_BATCH",
    "SCHED_ISO",   "SCHED_IDLE", "SCHED_DEADLINE"};
inline constexpr Vocabulary kSchedulerPolicies{"scheduling policy", kSchedulerPolicyNames};

inline constexpr std::string_view kSchedulerFlagNames[] = {
    "SCHED_FLAG_RESET_ON_FORK",  "SCHED_FLAG_RECLAIM",     "SCHED_FLAG_DL_OVERRUN",
    "SCHED_FLAG_KEEP_POLICY",    "SCHED_FLAG_KEEP_PARAMS", "SCHED_FLAG_UTIL_CLAMP_MIN",
    "SCHED_FLAG_UTIL_CLAMP_MAX",
};
inline constexpr Vocabulary kSchedulerFlags{"scheduling flag", kSchedulerFlagNames};

inline constexpr std::string_view kIoPriorityClassNames[] = {"IOPRIO_CLASS_RT", "IOPRIO_CLASS_BE",
                                                             "IOPRIO_CLASS_IDLE"};
inline constexpr Vocabulary kIoPriorityClasses{"I/O priority class", kIoPriorityClassNames};

// set_mempolicy(2)
inline constexpr std::string_view kMemoryPolicyModeNames[] = {
    "MPOL_DEFAULT",   "MPOL_BIND",           "MPOL_INTERLEAVE", "MPOL_WEIGHTED_INTERLEAVE",
    "MPOL_PREFERRED", "MPOL_PREFERRED_MANY", "MPOL_LOCAL",
};
inline constexpr Vocabulary kMemoryPolicyModes{"memory policy", kMemoryPolicyModeNames};

inline constexpr std::string_view kMemoryPolicyFlagNames[] = {
    "MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES"};
inline constexpr Vocabulary kMemoryPolicyFlags{"memory policy flag", kMemoryPolicyFlagNames};

inline constexpr std::string_view kSeccompActionNames[] = {
    "SCMP_ACT_ALLOW",       "SCMP_ACT_ERRNO",        "SCMP_ACT_KILL",
    "SCMP_ACT_KILL_THREAD", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_TRAP",
    "SCMP_ACT_TRACE",       "SCMP_ACT_LOG",          "SCMP_ACT_NOTIFY",
};
inline constexpr Vocabulary kSeccompActions{"action", kSeccompActionNames};

inline constexpr std::string_view kSeccompArchitectureNames[] = {
    "SCMP_ARCH_X86",         "SCMP_ARCH_X86_64",      "SCMP_ARCH_X32",     "SCMP_ARCH_ARM",
    "SCMP_ARCH_AARCH64",     "SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K",    "SCMP_ARCH_MIPS",
    "SCMP_ARCH_MIPS64",      "SCMP_ARCH_MIPS64N32",   "SCMP_ARCH_MIPSEL",  "SCMP_ARCH_MIPSEL64",
    "SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC",         "SCMP_ARCH_PPC64",   "SCMP_ARCH_PPC64LE",
    "SCMP_ARCH_S390",        "SCMP_ARCH_S390X",       "SCMP_ARCH_SH",      "SCMP_ARCH_SHEB",
    "SCMP_ARCH_PARISC",      "SCMP_ARCH_PARISC64",    "SCMP_ARCH_RISCV64",
};
inline constexpr Vocabulary kSeccompArchitectures{"architecture", kSeccompArchitectureNames};

inline constexpr std::string_view kSeccompFlagNames[] = {
    "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW",
    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"};
inline constexpr Vocabulary kSeccompFlags{"seccomp flag", kSeccompFlagNames};

inline constexpr std::string_view kSeccompOperatorNames[] = {
    "SCMP_CMP_EQ", "SCMP_CMP_NE", "SCMP_CMP_LT",       "SCMP_CMP_LE",
    "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ"};
inline constexpr Vocabulary kSeccompOperators{"operator", kSeccompOperatorNames};

inline constexpr std::string_view kDeviceTypeNames[] = {"c", "b", "u", "p"};
inline constexpr Vocabulary kDeviceTypes{"device type", kDeviceTypeNames};

inline constexpr std::string_view kDeviceRuleTypeNames[] = {"", "a", "b", "c"};
inline constexpr Vocabulary kDeviceRuleTypes{"device type", kDeviceRuleTypeNames};

inline constexpr std::string_view kPersonalityDomainNames[] = {"LINUX", "LINUX32"};
inline constexpr Vocabulary kPersonalityDomains{"personality domain", kPersonalityDomainNames};

inline constexpr std::string_view kClockNames[] = {"monotonic", "boottime"};
inline constexpr Vocabulary kClocks{"clock", kClockNames};

}  // namespace brig::spec
