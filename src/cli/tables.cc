#include "cli/tables.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <vector>

#include "base/text.h"
#include "cli/commands.h"
#include "cli/suggest.h"

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
    {"log", "", "FILE", "append the log to FILE instead of standard error",
     [](Options& o) -> std::string& { return o.log.destination; }},
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

constexpr Option kHelpOnly[] = {
    {"man", "", nullptr, "print the manual page brig(1)",
     [](Options& o) -> bool& { return o.topic.man; }},
    {"completion", "", "bash", "print the completion for a shell", set_completion},
};

constexpr auto kGlobalOptions = joined(kGlobal, kHelp);
constexpr auto kCreateOptions = joined(kStartup, kCreateOnly, kHelp);
constexpr auto kRunOptions = joined(kStartup, kRunOnly, kHelp);
constexpr auto kKillOptions = joined(kKillOnly, kHelp);
constexpr auto kDeleteOptions = joined(kDeleteOnly, kHelp);
constexpr auto kListOptions = joined(kListOnly, kHelp);
constexpr auto kSpecOptions = joined(kSpecOnly, kHelp);
constexpr auto kHelpOptions = joined(kHelpOnly, kHelp);

constexpr std::string_view kId = "<container-id>";

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
    {.name = "list", .summary = "list the containers", .options = kListOptions, .run = list},
    {.name = "spec",
     .summary = "write a config.json to start from",
     .details = "A file that is there already is left alone, and is an error.",
     .options = kSpecOptions,
     .run = spec},
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
