#include "spec/validate.h"
#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

constexpr std::uint32_t kMaxUmask = 0777;
constexpr std::uint32_t kNoId = UINT32_MAX;           // (uid_t)-1: "leave it alone" to setresuid(2)
constexpr std::uint64_t kMaxWindowSide = UINT16_MAX;  // struct winsize of TIOCSWINSZ

void check_id(std::uint32_t id, const Place& here) {
  if (id == kNoId) here.error(id, " is not an id");
}

void validate_user(const User& user, const Place& here) {
  check_id(user.uid, here.at("uid"));
  check_id(user.gid, here.at("gid"));
  if (user.umask && *user.umask > kMaxUmask)
    here.at("umask").error("expected an integer from 0 to ", kMaxUmask, " (octal 777), got ",
                           *user.umask);
  const Place groups = here.at("additionalGids");
  for (std::size_t i = 0; i < user.additional_gids.size(); ++i)
    check_id(user.additional_gids[i], groups.at(i));
}

// An entry without a name cannot be looked up, and what programs make of one without "=" differs.
void validate_env(const Strings& env, const Place& here) {
  for (std::size_t i = 0; i < env.size(); ++i) {
    const std::size_t equals = env[i].find('=');
    if (equals == std::string::npos)
      here.at(i).error("expected NAME=VALUE, got ", quote(env[i]));
    else if (equals == 0)
      here.at(i).error("expected NAME=VALUE, got no name");  // and the value may be a secret
  }
}

void validate_rlimits(const std::vector<Rlimit>& rlimits, const Place& here) {
  std::vector<std::string_view> seen;
  for (std::size_t i = 0; i < rlimits.size(); ++i) {
    const Place place = here.at(i);
    check_known_once(rlimits[i].type, kRlimits, seen, place.at("type"));
    if (rlimits[i].soft > rlimits[i].hard)
      place.at("soft").error(rlimits[i].soft, " exceeds the hard limit of ", rlimits[i].hard);
  }
}

// The specification wants a warning, not an error: a new capability must not keep an old brig
// from running a container.
void validate_capability_set(const Strings& names, const Place& here) {
  for (std::size_t i = 0; i < names.size(); ++i)
    if (!contains(kCapabilityNames, names[i]))
      here.at(i).warn("unknown capability ", quote(names[i]), "; ignored");
}

void validate_capabilities(const Capabilities& capabilities, const Place& here) {
  validate_capability_set(capabilities.bounding, here.at("bounding"));
  validate_capability_set(capabilities.effective, here.at("effective"));
  validate_capability_set(capabilities.inheritable, here.at("inheritable"));
  validate_capability_set(capabilities.permitted, here.at("permitted"));
  validate_capability_set(capabilities.ambient, here.at("ambient"));
}

void validate_console_size(const ConsoleSize& size, const Place& here) {
  const auto check = [&](std::uint64_t side, const Place& place) {
    if (side > kMaxWindowSide)
      place.error("expected an integer from 0 to ", kMaxWindowSide, ", got ", side);
  };
  check(size.height, here.at("height"));
  check(size.width, here.at("width"));
}

// sched_setattr(2)
void validate_scheduler(const Scheduler& scheduler, const Place& here) {
  check_known(scheduler.policy, kSchedulerPolicies, here.at("policy"));
  check_range(scheduler.nice, -20, 19, here.at("nice"));
  if (scheduler.policy == "SCHED_FIFO" || scheduler.policy == "SCHED_RR")
    check_range(scheduler.priority, 1, 99, here.at("priority"));
  else if (scheduler.priority != 0)
    here.at("priority").error("needs the policy SCHED_FIFO or SCHED_RR");
  if (scheduler.policy != "SCHED_DEADLINE") {
    constexpr char kNeedsDeadline[] = "needs the policy SCHED_DEADLINE";
    if (scheduler.runtime != 0) here.at("runtime").error(kNeedsDeadline);
    if (scheduler.deadline != 0) here.at("deadline").error(kNeedsDeadline);
    if (scheduler.period != 0) here.at("period").error(kNeedsDeadline);
  }
  check_all_known(scheduler.flags, kSchedulerFlags, here.at("flags"));
}

void validate_io_priority(const IoPriority& io_priority, const Place& here) {
  check_known(io_priority.io_class, kIoPriorityClasses, here.at("class"));
  check_range(io_priority.priority, 0, 7, here.at("priority"));
}

void check_cpu_list(const std::string& list, const Place& here) {
  if (list.find_first_not_of("0123456789,- ") != list.npos)
    here.error("expected a list of CPUs such as 0-3,7, got ", quote(list));
}

}  // namespace

void validate_process(const Process& process, const Place& here) {
  if (process.args.empty()) here.at("args").error("must have at least one entry");
  validate_env(process.env, here.at("env"));
  check_absolute(process.cwd, here.at("cwd"));
  validate_user(process.user, here.at("user"));
  validate_rlimits(process.rlimits, here.at("rlimits"));
  if (process.capabilities) validate_capabilities(*process.capabilities, here.at("capabilities"));
  if (process.terminal && process.console_size)  // without a terminal it has to be ignored
    validate_console_size(*process.console_size, here.at("consoleSize"));
  if (process.oom_score_adj)
    check_range(*process.oom_score_adj, -1000, 1000, here.at("oomScoreAdj"));
  if (process.scheduler) validate_scheduler(*process.scheduler, here.at("scheduler"));
  if (process.io_priority) validate_io_priority(*process.io_priority, here.at("ioPriority"));
  if (process.exec_cpu_affinity) {
    const Place affinity = here.at("execCPUAffinity");
    check_cpu_list(process.exec_cpu_affinity->initial, affinity.at("initial"));
    check_cpu_list(process.exec_cpu_affinity->final, affinity.at("final"));
  }
}

}  // namespace brig::spec
