#include "runtime/hook_output.h"

#include <fcntl.h>

#include "spec/annotations.h"
#include "sys/file.h"

namespace brig::runtime {

namespace {

Result<Fd> open_file(const std::map<std::string, std::string>& annotations, std::string_view name) {
  const std::string path(spec::annotation_of(annotations, name));
  if (path.empty()) return Fd();
  return TRY_DOING(sys::open_at(FdRef::cwd(), path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY, 0644),
                   "annotations[\"", name, "\"]");
}

}  // namespace

Result<HookOutput> open_hook_output(const std::map<std::string, std::string>& annotations) {
  HookOutput opened;
  opened.output = TRY(open_file(annotations, spec::annotation::kHooksStdout));
  opened.error = TRY(open_file(annotations, spec::annotation::kHooksStderr));
  return opened;
}

HookOutput open_hook_output_or_warn(const Settings& settings,
                                    const std::map<std::string, std::string>& annotations) {
  Result<HookOutput> opened = open_hook_output(annotations);
  if (opened) return std::move(*opened);
  settings.log(LogLevel::Warning, opened.error().message());
  return {};
}

}  // namespace brig::runtime
