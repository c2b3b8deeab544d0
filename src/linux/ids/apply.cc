#include "linux/ids/apply.h"

#include "base/host_paths.h"
#include "sys/file.h"

namespace brig {

Result<> apply_id_maps(pid_t pid, const IdPlan& plan) {
  const Fd process =
      TRY(sys::open_at(FdRef::cwd(), cat(host_paths::kProc, "/", pid), O_PATH | O_DIRECTORY));
  TRY_DOING(sys::write_file_at(process, "gid_map", map_text(plan.gids)), "linux.gidMappings");
  TRY_DOING(sys::write_file_at(process, "uid_map", map_text(plan.uids)), "linux.uidMappings");
  return {};
}

}  // namespace brig
