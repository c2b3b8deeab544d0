#include "runtime/runtime.h"
#include "sys/process.h"

namespace brig::runtime {

std::string default_root(const std::function<std::string_view(std::string_view)>& environment) {
  constexpr std::string_view kSystemRoot = "/run/brig";
  const std::string_view runtime_dir = environment("XDG_RUNTIME_DIR");
  if (runtime_dir.empty()) return std::string(kSystemRoot);
  if (sys::effective_uid() != 0) return cat(runtime_dir, "/brig");
  // Root of a user namespace may not write to /run; the root that logged in may.
  const std::string_view user = environment("USER");
  const bool logged_in_as_root = user == "root";
  if (logged_in_as_root || sys::in_initial_user_namespace()) return std::string(kSystemRoot);
  return cat(runtime_dir, "/brig");
}

}  // namespace brig::runtime
