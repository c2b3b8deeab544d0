#include "linux/namespaces/apply.h"

#include "base/host_paths.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

// The file belongs to root while we are not dumpable. Root may write it all the same; a user is
// let in for this moment, in which nothing of the container's has been entered yet.
Result<Fd> open_offsets(FdRef self) {
  Result<Fd> file = sys::open_at(self, "timens_offsets", O_WRONLY);
  if (file || file.error().sys_errno() != EACCES) return file;
  TRY(sys::set_dumpable());
  file = sys::open_at(self, "timens_offsets", O_WRONLY);
  TRY(sys::set_not_dumpable());
  return file;
}

}  // namespace

// unshare(2) makes a time namespace for children only, whose offsets can be set until somebody is
// inside. That somebody need not be a child: since Linux 5.6 a process of one thread can join.
Result<> apply_clock_offsets(const std::vector<ClockOffset>& offsets) {
  const Fd self =
      TRY(sys::open_at(FdRef::cwd(), cat(host_paths::kProc, "/self"), O_PATH | O_DIRECTORY));
  TRY(sys::unshare(clone_flag(Ns::Time)));
  const Fd file = TRY(open_offsets(self));
  TRY_DOING(sys::write_all(file, offsets_text(offsets)), "linux.timeOffsets");
  const Fd ns = TRY(sys::open_at(self, "ns/time_for_children", O_RDONLY));
  return sys::set_namespace(ns, static_cast<int>(clone_flag(Ns::Time)));
}

}  // namespace brig
