#include "runtime/seccomp_program.h"

#include "linux/seccomp/cache.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

// Below the state root, which is ours alone. Its name starts with a dot: it is no container.
constexpr char kCacheDir[] = ".cache/seccomp";

Result<Fd> open_cache(const Store& store) {
  Result<Fd> dir = sys::open_beneath(store.root(), kCacheDir, O_RDONLY | O_DIRECTORY);
  if (dir || dir.error().sys_errno() != ENOENT) return dir;
  ignore(sys::mkdir_at(store.root(), ".cache", 0700), "another brig may have made it");
  ignore(sys::mkdir_at(store.root(), kCacheDir, 0700), "as above");
  return sys::open_beneath(store.root(), kCacheDir, O_RDONLY | O_DIRECTORY);
}

}  // namespace

Result<SeccompProgram> compiled_filter(const Store& store, const SeccompProfile& profile) {
  if (!profile.raw.empty()) return SeccompProgram{.bpf = profile.raw, .flags = profile.flags};
  const Result<Fd> dir = open_cache(store);
  const SeccompCache cache{.dir = dir ? FdRef(*dir) : FdRef::none(), .owner = sys::effective_uid()};
  SeccompProgram program = TRY_DOING(compiled_seccomp(profile, cache), "linux.seccomp");
  return program;
}

}  // namespace brig::runtime
