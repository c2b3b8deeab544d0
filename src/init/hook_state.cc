#include "init/hook_state.h"

#include "base/json.h"

namespace brig {

void write_hook_state(json::Writer& writer, const HookIdentity& identity, std::string_view status,
                      pid_t pid) {
  writer.begin_object();
  writer.member("ociVersion", std::string_view(identity.oci_version));
  writer.member("id", std::string_view(identity.id));
  writer.member("status", status);
  if (pid != 0) writer.member("pid", static_cast<std::int64_t>(pid));
  writer.member("bundle", std::string_view(identity.bundle));
  if (!identity.annotations.empty()) {
    writer.key("annotations");
    writer.begin_object();
    for (const auto& [name, value] : identity.annotations)
      writer.member(name, std::string_view(value));
    writer.end_object();
  }
  writer.end_object();
}

std::string hook_state_json(const HookIdentity& identity, std::string_view status, pid_t pid) {
  json::Writer writer;
  write_hook_state(writer, identity, status, pid);
  return writer.take();
}

HookContext hook_context(const InitPlan& plan, std::string_view state_json) {
  return {.state_json = state_json,
          .output = FdRef::number(plan.fds.hooks_output),
          .error = FdRef::number(plan.fds.hooks_error)};
}

}  // namespace brig
