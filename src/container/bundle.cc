#include "container/bundle.h"

#include "spec/load.h"
#include "sys/file.h"

namespace brig {

namespace {

constexpr std::size_t kLargestConfig = std::size_t{64} << 20;

Result<std::string> read_config(FdRef bundle, const std::string& file) {
  // O_NONBLOCK: a fifo in its place must not hold us.
  const Fd config = TRY(sys::open_at(bundle, file, O_RDONLY | O_NONBLOCK));
  const struct stat info = TRY(sys::fstat(config));
  if (!S_ISREG(info.st_mode)) return fail(Errc::BadConfig, cat(file, ": not a regular file"));
  return TRY_DOING(sys::read_all(config, kLargestConfig), "read ", file);
}

}  // namespace

Result<std::string> find_rootfs(const Bundle& bundle, const std::string& path) {
  const struct stat info = TRY_DOING(sys::stat_at(bundle.dir, path), "root.path");
  if (S_ISLNK(info.st_mode))
    return fail(Errc::BadConfig,
                cat("root.path: '", path, "' is a symbolic link: name the directory itself"));
  if (!S_ISDIR(info.st_mode))
    return fail(Errc::BadConfig, cat("root.path: '", path, "' is not a directory"));
  const Fd dir = TRY(sys::open_at(bundle.dir, path, O_PATH | O_DIRECTORY | O_NOFOLLOW));
  return sys::real_path(dir);
}

Result<Bundle> open_bundle(const std::string& path, const std::string& config_file) {
  Bundle bundle;
  bundle.dir = TRY_DOING(sys::open_at(FdRef::cwd(), path, O_PATH | O_DIRECTORY), "bundle");
  bundle.path = TRY(sys::real_path(bundle.dir));
  bundle.config = TRY(read_config(bundle.dir, config_file));
  return bundle;
}

Result<Bundle> load_bundle(const std::string& path, const std::string& config_file,
                           const OwnIds* own_ids,
                           const std::map<std::string, std::string>& annotations) {
  Bundle bundle = TRY(open_bundle(path, config_file));
  bundle.spec = TRY(spec::load_spec({.name = config_file, .bytes = bundle.config}, bundle.warnings,
                                    own_ids, annotations));
  bundle.rootfs = TRY(find_rootfs(bundle, bundle.spec.root->path));
  return bundle;
}

}  // namespace brig
