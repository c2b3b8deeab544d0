#include "cli/commands.h"

#include <fcntl.h>
#include <regex.h>

#include <array>
#include <functional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/host_paths.h"
#include "base/text.h"
#include "cli/completion.h"
#include "cli/environment.h"
#include "cli/help.h"
#include "cli/man.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "cli/signals.h"
#include "cli/tables.h"
#include "container/id.h"
#include "runtime/features.h"
#include "runtime/runtime.h"
#include "spec/default_spec.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::cli {
namespace {

Result<runtime::CreateOptions> create_options(const Options& options) {
  runtime::CreateOptions wanted = options.run.create;
  if (!options.operands.empty()) wanted.id = options.operands.front();
  // crun's rule: a file that is named is looked for where the caller is, not in the bundle.
  if (wanted.config != runtime::CreateOptions{}.config)
    wanted.config = TRY(from_working_directory(wanted.config));
  take_service_environment(environment, sys::own_pid(), wanted);
  wanted.seccomp_receiver = environment("RUN_OCI_SECCOMP_RECEIVER");
  return wanted;
}

// The expression may match anywhere in an id, as crun has it.
Result<std::vector<std::string>> matching_ids(std::vector<std::string> ids,
                                              const std::string& pattern) {
  regex_t expression;
  const int code = ::regcomp(&expression, pattern.c_str(), REG_EXTENDED | REG_NOSUB);
  if (code != 0) {
    std::array<char, 128> reason{};
    ::regerror(code, &expression, reason.data(), reason.size());
    return fail(Errc::BadConfig, cat("not a regular expression: ", reason.data()));
  }
  std::erase_if(ids, [&](const std::string& id) {
    return ::regexec(&expression, id.c_str(), 0, nullptr, 0) != 0;
  });
  ::regfree(&expression);
  return ids;
}

// Not every folder below the root: it may be shared with another runtime, or be /tmp.
Result<std::vector<std::string>> ids_of_containers(const runtime::Settings& settings) {
  std::vector<std::string> ids;
  const std::vector<runtime::ContainerState> found = TRY(runtime::list(settings));
  for (const runtime::ContainerState& state : found) ids.push_back(state.id);
  return ids;
}

// The containers that `kill` and `delete` are about.
Result<std::vector<std::string>> wanted_ids(const runtime::Settings& settings,
                                            const Options& options) {
  const std::string& operand = options.operands.front();
  if (!options.regex) return std::vector<std::string>{operand};
  std::vector<std::string> ids = TRY(ids_of_containers(settings));
  ids = TRY(matching_ids(std::move(ids), operand));
  if (ids.empty() && !options.remove.force)
    return fail(Errc::NotFound, "container does not exist: no id matches");
  return ids;
}

// Goes on after an error, so that one container does not shield the others from `kill --regex`.
Result<int> for_each(std::span<const std::string> ids,
                     const std::function<Result<>(const std::string&)>& act) {
  std::vector<Error> errors;
  for (const std::string& id : ids)
    if (Result<> done = act(id); !done) errors.push_back(std::move(done).error());
  if (errors.empty()) return 0;
  if (errors.size() == 1) return std::unexpected(std::move(errors.front()));
  std::vector<std::string> messages;
  for (const Error& error : errors) messages.push_back(error.message());
  return fail(Errc::System, join(messages, "; "));
}

// Also where nothing is mounted: the namespace does no harm and a v2 host is likelier.
bool host_has_cgroup2() {
  constexpr std::uint32_t kCgroup2Magic = 0x63677270;
  const Result<Fd> top = sys::open_at(FdRef::cwd(), host_paths::kCgroup, O_PATH | O_DIRECTORY);
  if (!top) return true;
  const Result<std::uint32_t> magic = sys::fs_magic(*top);
  return !magic || *magic == kCgroup2Magic;
}

Result<> write_default_spec(const SpecOptions& wanted) {
  const Fd bundle = TRY(sys::open_at(FdRef::cwd(), wanted.bundle, O_PATH | O_DIRECTORY));
  const brig::spec::DefaultSpecOptions defaults{.rootless = wanted.rootless,
                                                .cgroup2 = host_has_cgroup2(),
                                                .uid = sys::effective_uid(),
                                                .gid = sys::effective_gid()};
  Result<> written =
      sys::create_file_at(bundle, wanted.file, brig::spec::default_spec_json(defaults), 0666);
  if (!written && written.error().sys_errno() == EEXIST)
    return fail(Errc::Exists, cat("file ", wanted.file, " exists: remove it first"));
  return written;
}

}  // namespace

runtime::Settings settings_from(const Options& options, Log& log) {
  runtime::Settings settings;
  settings.root = options.root.empty() ? runtime::default_root(environment) : options.root;
  settings.cgroup_manager =
      options.systemd_cgroup ? runtime::CgroupManager::Systemd : options.cgroup_manager;
  settings.runtime_dir = environment("XDG_RUNTIME_DIR");
  settings.log = [&log](runtime::LogLevel level, std::string_view text) { log.write(level, text); };
  return settings;
}

Result<int> create(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  const runtime::CreateOptions wanted = TRY(create_options(options));
  TRY(runtime::create(settings, wanted));
  return 0;
}

Result<int> run(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  runtime::RunOptions wanted = options.run;
  wanted.create = TRY(create_options(options));
  if (options.operands.empty()) {
    wanted.create.id = TRY(pick_id());
    Log::announce(cat("container '", wanted.create.id, "'"));
  }
  const runtime::RunOutcome outcome = TRY(runtime::run(settings, wanted));
  return outcome.exit_status;
}

Result<int> start(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  const runtime::StartOptions wanted{.id = options.operands.front(),
                                     .notify_socket = std::string(environment("NOTIFY_SOCKET"))};
  TRY(runtime::start(settings, wanted));
  return 0;
}

Result<int> exec(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  runtime::ExecOptions wanted = options.exec;
  wanted.id = options.operands.front();
  wanted.args.assign(options.operands.begin() + 1, options.operands.end());
  const runtime::ExecOutcome outcome = TRY(runtime::exec(settings, wanted));
  return outcome.exit_status;
}

Result<int> state(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  const runtime::ContainerState found = TRY(runtime::state(settings, options.operands.front()));
  return print(state_json(found));
}

Result<int> kill(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  runtime::KillOptions wanted = options.kill;
  if (options.operands.size() > 1) wanted.signal = TRY(parse_signal(options.operands[1]));
  const std::vector<std::string> ids = TRY(wanted_ids(settings, options));
  return for_each(ids, [&](const std::string& id) {
    wanted.id = id;
    return runtime::kill(settings, wanted);
  });
}

Result<int> remove(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  runtime::DeleteOptions wanted = options.remove;
  const std::vector<std::string> ids = TRY(wanted_ids(settings, options));
  return for_each(ids, [&](const std::string& id) {
    wanted.id = id;
    return runtime::remove(settings, wanted);
  });
}

Result<int> list(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  if (options.quiet) {
    std::string out;
    const std::vector<std::string> ids = TRY(ids_of_containers(settings));
    for (const std::string& id : ids) out += id + '\n';
    return print(out);
  }
  const std::vector<runtime::ContainerState> found = TRY(runtime::list(settings));
  return print(options.list_format == ListFormat::Json ? list_json(found) : list_table(found));
}

Result<int> spec(const Options& options, Log& /*log*/) {
  TRY(write_default_spec(options.spec));
  return 0;
}

Result<int> features(const Options& /*options*/, Log& /*log*/) {
  return print(runtime::features_json() + '\n');
}

Result<int> version(const Options& /*options*/, Log& /*log*/) {
  return print(version_text());
}

Result<int> help(const Options& options, Log& /*log*/) {
  if (options.topic.man) return print(man_page());
  if (!options.topic.completion.empty()) return print(bash_completion());
  if (options.operands.empty()) return print(help_text());
  const Command* const command = TRY(find_command(options.operands.front()));
  return print(help_text(*command));
}

}  // namespace brig::cli
