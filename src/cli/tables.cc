#include "cli/tables.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstddef>
#include <vector>

#include "base/suggest.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/numbers.h"

namespace brig::cli {
namespace {

template <std::size_t... Sizes>
consteval auto joined(const Option (&... tables)[Sizes]) {
  std::array<Option, (Sizes + ...)> all{};
  std::size_t used = 0;
  (..., [&](const auto& table) {
    for (const Option& option : table) all[used++] = option;
  }(tables));
  return all;
}

constexpr Option kHelp[] = {
    {"help", "h", nullptr, "show this help", [](Options& o) -> bool& { return o.help; }},
};

constexpr Option kGlobal[] = {
    {"root", "", "DIR",
     "keep the state of containers in DIR; by default /run/brig, or $XDG_RUNTIME_DIR/brig when not "
     "root",
     [](Options& o) -> std::string& { return o.root; }},
    {"log", "", "FILE",
     "append the log to FILE instead of standard error; journald:NAME and syslog:NAME send it to "
     "the daemon under that name",
     [](Options& o) -> std::string& { return o.log.destination; }},
    {"systemd-log", "", nullptr, "log to the journal: --log journald:brig",
     [](Options& o) -> bool& { return o.log.to_journal; }},
    {"log-format", "", "text|json", "format of the log; by default text", set_log_format},
    {"log-level", "", "error|warning|info|debug", "least level that is logged; by default error",
     set_log_level},
    {"debug", "", nullptr, "log everything", [](Options& o) -> bool& { return o.log.debug; }},
    {"systemd-cgroup", "", nullptr, "let systemd make the cgroups: --cgroup-manager systemd",
     [](Options& o) -> bool& { return o.systemd_cgroup; }},
    {"cgroup-manager", "", "cgroupfs|systemd|disabled",
     "what makes the cgroups; by default cgroupfs", set_cgroup_manager},
    {"rootless", "", "true|false|auto",
     "accepted for the sake of runc's callers; brig always finds out by itself", set_rootless},
    {"criu", "", "FILE", "no effect: old callers of runc say where criu is", ignore_value},
    {"version", "vV", nullptr, "show the version", [](Options& o) -> bool& { return o.version; }},
};

constexpr Option kStartup[] = {
    {"bundle", "b", "DIR", "directory of the bundle; by default the current one",
     [](Options& o) -> std::string& { return o.run.create.bundle; }},
    {"config", "f", "FILE", "configuration to use instead of config.json in the bundle",
     [](Options& o) -> std::string& { return o.run.create.config; }},
    {"console-socket", "", "SOCKET", "UNIX socket that is sent the terminal's master end",
     [](Options& o) -> std::string& { return o.run.create.console_socket; }},
    {"pidfd-socket", "", "SOCKET", "UNIX socket that is sent a pidfd of the container's process",
     [](Options& o) -> std::string& { return o.run.create.pidfd_socket; }},
    {"pid-file", "", "FILE", "write the process id of the container's process to FILE",
     [](Options& o) -> std::string& { return o.run.create.pid_file; }},
    {"no-pivot", "", nullptr,
     "change the root by a moved mount and chroot, where pivot_root cannot work (a ramdisk)",
     [](Options& o) -> bool& { return o.run.create.no_pivot; }},
    {"no-new-keyring", "", nullptr, "share the caller's session keyring with the container",
     [](Options& o) -> bool& { return o.run.create.no_new_keyring; }},
    {"preserve-fds", "", "N", "leave N descriptors, from 3 on, open in the container",
     [](Options& o) -> unsigned& { return o.run.create.preserve_fds; }},
};

constexpr Option kCreateOnly[] = {
    {"detach", "d", nullptr, "no effect: create always returns at once",
     [](Options& o) -> bool& { return o.run.detach; }},
    {"no-subreaper", "", nullptr, "no effect: create never becomes a subreaper",
     [](Options& o) -> bool& { return o.run.no_subreaper; }},
};

constexpr Option kRunOnly[] = {
    {"detach", "d", nullptr, "return as soon as the container's process runs",
     [](Options& o) -> bool& { return o.run.detach; }},
    {"keep", "", nullptr, "leave the stopped container for state and delete",
     [](Options& o) -> bool& { return o.run.keep; }},
    {"no-subreaper", "", nullptr, "do not adopt and reap orphans of the container",
     [](Options& o) -> bool& { return o.run.no_subreaper; }},
};

Result<> add_to(std::vector<std::string>& list, std::string_view value) {
  list.emplace_back(value);
  return {};
}

constexpr Option kExecOnly[] = {
    {"process", "p", "FILE", "read the process as JSON from FILE instead of the flags below",
     [](Options& o) -> std::string& { return o.exec.process_file; }},
    {"tty", "t", nullptr, "give the process a terminal",
     [](Options& o) -> bool& { return o.exec.terminal; }},
    {"cwd", "", "DIR", "working directory in the container",
     [](Options& o) -> std::string& { return o.exec.cwd; }},
    {"env", "e", "NAME=VALUE", "set a variable; may be given more than once",
     [](Options& o, std::string_view v) { return add_to(o.exec.env, v); }},
    {"user", "u", "UID[:GID]", "run as this user; names are looked up in the container",
     [](Options& o) -> std::string& { return o.exec.user; }},
    {"additional-gids", "g", "GID", "add a group; may be given more than once",
     [](Options& o, std::string_view v) { return add_to(o.exec.additional_gids, v); }},
    {"cap", "c", "CAPABILITY", "add a capability; may be given more than once",
     [](Options& o, std::string_view v) { return add_to(o.exec.capabilities, v); }},
    {"no-new-privs", "", nullptr, "the process may not gain privileges; =false: it may",
     [](Options& o) -> std::optional<bool>& { return o.exec.no_new_privileges; }},
    {"apparmor", "", "PROFILE", "AppArmor profile of the program",
     [](Options& o) -> std::string& { return o.exec.apparmor_profile; }},
    {"process-label", "", "LABEL", "SELinux label of the program",
     [](Options& o) -> std::string& { return o.exec.selinux_label; }},
    {"cgroup", "", "[CONTROLLER,...:]PATH",
     "run in this cgroup below the container's; may be given more than once",
     [](Options& o, std::string_view v) { return add_to(o.exec.cgroups, v); }},
    {"detach", "d", nullptr, "return as soon as the process runs",
     [](Options& o) -> bool& { return o.exec.detach; }},
    {"console-socket", "", "SOCKET", "UNIX socket that is sent the terminal's master end",
     [](Options& o) -> std::string& { return o.exec.console_socket; }},
    {"pidfd-socket", "", "SOCKET", "UNIX socket that is sent a pidfd of the process",
     [](Options& o) -> std::string& { return o.exec.pidfd_socket; }},
    {"pid-file", "", "FILE", "write the process id of the process to FILE",
     [](Options& o) -> std::string& { return o.exec.pid_file; }},
    {"preserve-fds", "", "N", "leave N descriptors, from 3 on, open in the process",
     [](Options& o) -> unsigned& { return o.exec.preserve_fds; }},
    {"ignore-paused", "", nullptr,
     "also in a paused container: the process runs once it is resumed",
     [](Options& o) -> bool& { return o.exec.ignore_paused; }},
};

constexpr Option kKillOnly[] = {
    {"all", "a", nullptr, "signal every process of the container's cgroup",
     [](Options& o) -> bool& { return o.kill.all; }},
    {"regex", "r", nullptr, "the id is a POSIX extended regular expression",
     [](Options& o) -> bool& { return o.regex; }},
};

constexpr Option kDeleteOnly[] = {
    {"force", "f", nullptr, "end a running container first; a missing one is no error",
     [](Options& o) -> bool& { return o.remove.force; }},
    {"regex", "r", nullptr, "the id is a POSIX extended regular expression",
     [](Options& o) -> bool& { return o.regex; }},
};

spec::Memory& memory(Options& o) {
  std::optional<spec::Memory>& section = o.update.changes.memory;
  return section ? *section : section.emplace();
}
spec::Cpu& cpu(Options& o) {
  std::optional<spec::Cpu>& section = o.update.changes.cpu;
  return section ? *section : section.emplace();
}
spec::BlockIo& block_io(Options& o) {
  std::optional<spec::BlockIo>& section = o.update.changes.block_io;
  return section ? *section : section.emplace();
}

using Text = std::string_view;
constexpr Option kUpdateOnly[] = {
    {"resources", "r", "FILE", "read linux.resources as JSON from FILE, or from standard input: -",
     [](Options& o) -> std::string& { return o.resources; }},
    {"memory", "m", "BYTES", "memory; -1 takes the limit away",
     [](Options& o, Text v) { return set_size("memory", v, memory(o).limit); }},
    {"memory-reservation", "", "BYTES", "memory that is left alone while there is other to reclaim",
     [](Options& o, Text v) { return set_size("memory-reservation", v, memory(o).reservation); }},
    {"memory-swap", "", "BYTES", "memory and swap together; -1 takes the limit away",
     [](Options& o, Text v) { return set_size("memory-swap", v, memory(o).swap); }},
    {"kernel-memory", "", "BYTES", "kernel memory, where the kernel still limits it (v1)",
     [](Options& o, Text v) { return set_size("kernel-memory", v, memory(o).kernel); }},
    {"kernel-memory-tcp", "", "BYTES", "memory of TCP buffers (v1)",
     [](Options& o, Text v) { return set_size("kernel-memory-tcp", v, memory(o).kernel_tcp); }},
    {"cpu-share", "", "N", "weight among containers, 2 to 262144; by default 1024",
     [](Options& o, Text v) { return set_number("cpu-share", v, cpu(o).shares); }},
    {"cpu-quota", "", "USECS", "processor time in each period; -1 takes the limit away",
     [](Options& o, Text v) { return set_number("cpu-quota", v, cpu(o).quota); }},
    {"cpu-period", "", "USECS", "length of a period",
     [](Options& o, Text v) { return set_number("cpu-period", v, cpu(o).period); }},
    {"cpu-burst", "", "USECS", "unused quota that may be saved for later",
     [](Options& o, Text v) { return set_number("cpu-burst", v, cpu(o).burst); }},
    {"cpu-idle", "", "0|1", "1: only run when nobody else wants to; takes cpu-share away",
     [](Options& o, Text v) { return set_number("cpu-idle", v, cpu(o).idle); }},
    {"cpu-rt-runtime", "", "USECS", "real-time processor time in each real-time period (v1)",
     [](Options& o, Text v) { return set_number("cpu-rt-runtime", v, cpu(o).realtime_runtime); }},
    {"cpu-rt-period", "", "USECS", "length of a real-time period (v1)",
     [](Options& o, Text v) { return set_number("cpu-rt-period", v, cpu(o).realtime_period); }},
    {"cpuset-cpus", "", "LIST", "processors to run on: 0-3,7",
     [](Options& o) -> std::string& { return cpu(o).cpus; }},
    {"cpuset-mems", "", "LIST", "memory nodes to use",
     [](Options& o) -> std::string& { return cpu(o).mems; }},
    {"blkio-weight", "", "N", "weight of block I/O among containers, 10 to 1000",
     [](Options& o, Text v) { return set_number("blkio-weight", v, block_io(o).weight); }},
    {"pids-limit", "", "N", "processes and threads; -1 takes the limit away",
     [](Options& o, Text v) { return set_number("pids-limit", v, o.update.changes.pids_limit); }},
    {"l3-cache-schema", "", "SCHEMA", "share of the L3 cache, of a group of resctrl: L3:0=ff",
     [](Options& o) -> std::string& { return o.update.l3_cache_schema; }},
    {"mem-bw-schema", "", "SCHEMA", "share of the memory's bandwidth: MB:0=20",
     [](Options& o) -> std::string& { return o.update.mem_bw_schema; }},
};

constexpr Option kPsOnly[] = {
    {"format", "f", "table|json", "how to print; by default table", set_list_format},
};

constexpr Option kEventsOnly[] = {
    {"interval", "", "DURATION", "time between two lines of statistics; by default 5s",
     set_interval},
    {"stats", "", nullptr, "print the statistics once and return",
     [](Options& o) -> bool& { return o.watch.once; }},
};

constexpr Option kStatsOnly[] = {
    {"interval", "", "DURATION", "time between two looks; by default 1s", set_interval},
    {"no-stream", "", nullptr, "look once and return",
     [](Options& o) -> bool& { return o.watch.once; }},
    {"format", "f", "table|json", "how to print; by default table", set_list_format},
};

constexpr Option kListOnly[] = {
    {"format", "f", "table|json", "how to print; by default table", set_list_format},
    {"quiet", "q", nullptr, "print only the ids", [](Options& o) -> bool& { return o.quiet; }},
};

constexpr Option kSpecOnly[] = {
    {"bundle", "b", "DIR", "directory to write to; by default the current one",
     [](Options& o) -> std::string& { return o.spec.bundle; }},
    {"file", "f", "FILE", "name of the file; by default config.json",
     [](Options& o) -> std::string& { return o.spec.file; }},
    {"rootless", "", nullptr, "for a container that its user starts without being root",
     [](Options& o) -> bool& { return o.spec.rootless; }},
};

constexpr Option kInspected[] = {
    {"bundle", "b", "DIR", "directory of the bundle; by default the current one",
     [](Options& o) -> std::string& { return o.run.create.bundle; }},
    {"config", "f", "FILE", "configuration to use instead of config.json in the bundle",
     [](Options& o) -> std::string& { return o.run.create.config; }},
    {"format", "", "text|json", "how to print; by default text", set_report_format},
};

constexpr Option kInfoOnly[] = {
    {"format", "", "text|json", "how to print; by default text", set_report_format},
};

constexpr Option kPlanOnly[] = {
    {"id", "", "ID", "the id that the container would have; by default ID",
     [](Options& o) -> std::string& { return o.run.create.id; }},
    {"no-pivot", "", nullptr, "as with create",
     [](Options& o) -> bool& { return o.run.create.no_pivot; }},
    {"no-new-keyring", "", nullptr, "as with create",
     [](Options& o) -> bool& { return o.run.create.no_new_keyring; }},
    {"preserve-fds", "", "N", "as with create",
     [](Options& o) -> unsigned& { return o.run.create.preserve_fds; }},
};

constexpr Option kHelpOnly[] = {
    {"man", "", nullptr, "print the manual page brig(1)",
     [](Options& o) -> bool& { return o.topic.man; }},
    {"completion", "", "bash", "print the completion for a shell", set_completion},
};

constexpr auto kGlobalOptions = joined(kGlobal, kHelp);
constexpr auto kCreateOptions = joined(kStartup, kCreateOnly, kHelp);
constexpr auto kRunOptions = joined(kStartup, kRunOnly, kHelp);
constexpr auto kExecOptions = joined(kExecOnly, kHelp);
constexpr auto kKillOptions = joined(kKillOnly, kHelp);
constexpr auto kDeleteOptions = joined(kDeleteOnly, kHelp);
constexpr auto kUpdateOptions = joined(kUpdateOnly, kHelp);
constexpr auto kPsOptions = joined(kPsOnly, kHelp);
constexpr auto kEventsOptions = joined(kEventsOnly, kHelp);
constexpr auto kStatsOptions = joined(kStatsOnly, kHelp);
constexpr auto kListOptions = joined(kListOnly, kHelp);
constexpr auto kSpecOptions = joined(kSpecOnly, kHelp);
constexpr auto kInfoOptions = joined(kInfoOnly, kHelp);
constexpr auto kCheckOptions = joined(kInspected, kHelp);
constexpr auto kPlanOptions = joined(kInspected, kPlanOnly, kHelp);
constexpr auto kHelpOptions = joined(kHelpOnly, kHelp);

constexpr std::string_view kId = "<container-id>";
constexpr unsigned kAnyNumber = UINT_MAX;

constexpr Command kCommands[] = {
    {.name = "create",
     .operands = kId,
     .summary = "create a container whose process waits for start",
     .details = "Everything of the container is made except that its program is not executed yet; "
                "start does that. Errors of the program's path are found here already. With "
                "process.terminal the bundle needs --console-socket.",
     .options = kCreateOptions,
     .min_operands = 1,
     .max_operands = 1,
     .run = create},
    {.name = "start",
     .operands = kId,
     .summary = "let the process of a created container run its program",
     .options = kHelp,
     .min_operands = 1,
     .max_operands = 1,
     .takes_existing_id = true,
     .run = start},
    {.name = "run",
     .operands = "[<container-id>]",
     .summary = "create a container, start it and wait for its end",
     .details = "The exit status is that of the container's process, or 128 + N when signal N "
                "ended it; the container is deleted then, unless --keep is given. Without an id "
                "one is picked.",
     .options = kRunOptions,
     .max_operands = 1,
     .run = run},
    {.name = "exec",
     .operands = "<container-id> [<program> <arg>...]",
     .summary = "run a further program in a container",
     .details = "It runs in the namespaces, the cgroup and under the seccomp filter of the "
                "container, as the process of the configuration that was saved at create says; "
                "flags change that. The exit status is that of the program, 128 + N when signal N "
                "ended it, and 255 when it could not be run.",
     .options = kExecOptions,
     .min_operands = 1,
     .max_operands = kAnyNumber,
     .takes_existing_id = true,
     .stops_at_operand = true,
     .failure_status = 255,
     .run = exec},
    {.name = "state",
     .operands = kId,
     .summary = "print the state of a container as JSON",
     .options = kHelp,
     .min_operands = 1,
     .max_operands = 1,
     .takes_existing_id = true,
     .run = state},
    {.name = "kill",
     .operands = "<container-id> [<signal>]",
     .summary = "send a signal to the process of a container",
     .details = "The signal is a name in either case, with or without SIG (TERM, sigkill, "
                "RTMIN+3), or a number; by default TERM. Signal 0 only asks whether the process "
                "is there.",
     .options = kKillOptions,
     .min_operands = 1,
     .max_operands = 2,
     .takes_existing_id = true,
     .run = kill},
    {.name = "delete",
     .operands = kId,
     .summary = "remove a container that has stopped",
     .details = "A container that was created but never started is ended first.",
     .options = kDeleteOptions,
     .min_operands = 1,
     .max_operands = 1,
     .takes_existing_id = true,
     .run = remove},
    {.name = "pause",
     .operands = kId,
     .summary = "stop every process of a container where it stands",
     .details =
         "When some process cannot be stopped within ten seconds all of them run on and the "
         "command fails. A signal that the program handles waits for resume; SIGKILL does not.",
     .options = kHelp,
     .min_operands = 1,
     .max_operands = 1,
     .takes_existing_id = true,
     .run = pause},
    {.name = "resume",
     .operands = kId,
     .summary = "let the processes of a paused container run on",
     .options = kHelp,
     .min_operands = 1,
     .max_operands = 1,
     .takes_existing_id = true,
     .run = resume},
    {.name = "update",
     .operands = kId,
     .summary = "change the limits of a container",
     .details =
         "What is not mentioned stays as it is. All changes are made or none. Sizes may have "
         "a unit: 512m, 1.5g. The file is an object like linux.resources of a "
         "configuration; device rules are replaced only if it has the member devices.",
     .options = kUpdateOptions,
     .min_operands = 1,
     .max_operands = 1,
     .takes_existing_id = true,
     .run = update},
    {.name = "mounts",
     .operands = "add|remove <container-id> <file>",
     .summary = "mount something in a container that runs, or take it away again",
     .details =
         "The file, or standard input (-), is a JSON list of mounts as in a configuration, with "
         "all their options; to remove one, its destination is enough. All of them are added or "
         "none. Only what was added can be removed. Sources are paths of the host; a destination "
         "never leads out of the container.",
     .verbs = "add remove",
     .options = kHelp,
     .min_operands = 3,
     .max_operands = 3,
     .run = mounts},
    {.name = "ps",
     .operands = "<container-id> [<ps-option>...]",
     .summary = "show the processes of a container",
     .details = "The table is what ps(1) of the host prints, by default for -ef, without the rows "
                "of other processes; the options must leave the PID column in. JSON is a list of "
                "the process ids as the host counts them.",
     .options = kPsOptions,
     .min_operands = 1,
     .max_operands = kAnyNumber,
     .takes_existing_id = true,
     .stops_at_operand = true,
     .run = ps},
    {.name = "events",
     .operands = kId,
     .summary = "print statistics of a container, and when it runs out of memory",
     .details = "A JSON object a line, until the container ends: {\"type\":\"stats\"} every "
                "interval, {\"type\":\"oom\"} at once. The objects are those of runc, and have "
                "further fields behind those of runc.",
     .options = kEventsOptions,
     .min_operands = 1,
     .max_operands = 1,
     .takes_existing_id = true,
     .run = events},
    {.name = "stats",
     .operands = "[<id>...]",
     .summary = "show what containers use, live",
     .details =
         "Without an id all that run. 100 % of CPU is one CPU. MEM leaves out the page cache that "
         "is not in use. PSI is the share of the last ten seconds in which some process waited "
         "for the resource. A dash stands for what is not limited or not counted. The table is "
         "redrawn on a terminal, and repeated elsewhere; JSON is an object a line.",
     .options = kStatsOptions,
     .max_operands = kAnyNumber,
     .takes_existing_id = true,
     .run = stats},
    {.name = "list", .summary = "list the containers", .options = kListOptions, .run = list},
    {.name = "spec",
     .summary = "write a config.json to start from",
     .details = "A file that is there already is left alone, and is an error.",
     .options = kSpecOptions,
     .run = spec},
    {.name = "check",
     .operands = "[<bundle>]",
     .summary = "say whether create would take a bundle on this host, and why not",
     .details = "Every fault and every doubt is printed with its place in the configuration and "
                "what to do; nothing is made or run. The exit status is 1 when create would fail, "
                "and 0 when there are at most warnings.",
     .options = kCheckOptions,
     .max_operands = 1,
     .run = check},
    {.name = "plan",
     .operands = "[<bundle>]",
     .summary = "print what create would do, step by step",
     .details = "From the plan that create follows, in its order; nothing is made or changed. With "
                "the global --cgroup-manager it is the plan for that manager.",
     .options = kPlanOptions,
     .max_operands = 1,
     .run = plan},
    {.name = "info",
     .summary = "say what this host offers to containers, and what it lacks",
     .details =
         "The kernel's calls that brig uses, namespaces, cgroups, systemd, security modules, "
         "and what containers without root need; below it what is missing, for what, and "
         "what to do. Works for every user, and is about the one who asks.",
     .options = kInfoOptions,
     .run = info},
    {.name = "features",
     .summary = "print what this version supports, as JSON",
     .details = "The document is the features structure of the OCI runtime specification.",
     .options = kHelp,
     .run = features},
    {.name = "version", .summary = "print the version", .options = kHelp, .run = version},
    {.name = "help",
     .operands = "[<command>]",
     .summary = "explain brig or one of its commands",
     .options = kHelpOptions,
     .max_operands = 1,
     .run = help},
};

}  // namespace

std::span<const Option> global_options() {
  return kGlobalOptions;
}

std::span<const Command> commands() {
  return kCommands;
}

Result<const Command*> find_command(std::string_view name) {
  if (name == "h") name = "help";
  const auto* const found = std::ranges::find(kCommands, name, &Command::name);
  if (found != std::end(kCommands)) return found;

  std::vector<std::string_view> names;
  for (const Command& command : kCommands) names.push_back(command.name);
  const std::string_view near = nearest(name, names);
  const std::string hint = near.empty() ? "" : cat(" (did you mean ", near, "?)");
  return fail(Errc::BadConfig, cat("unknown command '", name, "'", hint));
}

}  // namespace brig::cli
