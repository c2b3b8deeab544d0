// The commands about the processes, the limits and the mounts of a container.
#include <unistd.h>

#include <span>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cli/environment.h"
#include "cli/output.h"
#include "cli/process_table.h"
#include "runtime/runtime.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace brig::cli {
namespace {

constexpr std::size_t kMaxDocument = std::size_t{16} << 20;

bool is_named(const brig::spec::Resources& changes) {
  return changes.memory || changes.cpu || changes.block_io || changes.pids_limit;
}

Result<std::string> read_document(const std::string& file) {
  if (file == "-") return sys::read_all(FdRef::number(STDIN_FILENO), kMaxDocument);
  return sys::read_file_at(FdRef::cwd(), file, kMaxDocument);
}

}  // namespace

Result<int> update(const Options& options, Log& log) {
  runtime::UpdateOptions wanted = options.update;
  wanted.id = options.operands.front();
  if (!options.resources.empty()) {
    // runc would leave the flags out without a word.
    if (is_named(wanted.changes))
      return fail(Errc::BadConfig, "--resources cannot be combined with flags for single limits");
    wanted.document_name = options.resources == "-" ? "standard input" : options.resources;
    wanted.document = TRY_DOING(read_document(options.resources), "--resources");
    if (wanted.document.empty()) return fail(Errc::BadConfig, "--resources: the document is empty");
  }
  TRY(runtime::update(settings_from(options, log), wanted));
  return 0;
}

Result<int> mounts(const Options& options, Log& log) {
  const std::string& verb = options.operands[0];
  if (verb != "add" && verb != "remove")
    return fail(Errc::BadConfig, cat("expected add or remove, got '", verb, "'"));
  const std::string& file = options.operands[2];
  runtime::MountsOptions wanted{.id = options.operands[1], .document = {}, .document_name = file};
  if (file == "-") wanted.document_name = "standard input";
  wanted.document = TRY(read_document(file));
  const runtime::Settings settings = settings_from(options, log);
  TRY(verb == "add" ? runtime::add_mounts(settings, wanted)
                    : runtime::remove_mounts(settings, wanted));
  return 0;
}

Result<int> pause(const Options& options, Log& log) {
  TRY(runtime::pause(settings_from(options, log), options.operands.front()));
  return 0;
}

Result<int> resume(const Options& options, Log& log) {
  TRY(runtime::resume(settings_from(options, log), options.operands.front()));
  return 0;
}

Result<int> ps(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  const std::vector<pid_t> pids = TRY(runtime::processes(settings, options.operands.front()));
  if (options.list_format == ListFormat::Json) return print(process_ids_json(pids));
  const std::span<const std::string> for_ps = std::span(options.operands).subspan(1);
  const std::string table = TRY(process_table(pids, for_ps, environment("PATH")));
  return print(table);
}

}  // namespace brig::cli
