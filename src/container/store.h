// The state directory: one directory a container below one root.
//
//   ROOT/ID/state.json   what brig knows (runtime/record.h); replaced by rename, never rewritten
//   ROOT/ID/config.json  the configuration as it was at create
//   ROOT/ID/start        fifo: init reads it until the container is started
//   ROOT/ID/result       fifo: why the program could not be executed
//   ROOT/ID/notify/      with NOTIFY_SOCKET: mounted into the container (runtime/notify.h)
//
// The directory is the claim to the id: mkdir(2) decides who of several creators has it, and its
// lock (flock(2)) keeps create, start and delete of one container apart. A crash frees the lock.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sys/fd.h"

namespace brig {

inline constexpr const char kStateFile[] = "state.json";
// state.json as it was before anything existed: where the cgroups follow from those of whoever
// created the container, nobody else can derive them again.
inline constexpr const char kIntentFile[] = "intent.json";
inline constexpr const char kConfigFile[] = "config.json";
inline constexpr const char kStartFifo[] = "start";
inline constexpr const char kResultFifo[] = "result";

class ContainerDir {
 public:
  ContainerDir() = default;
  ContainerDir(Fd dir, std::string id) : dir_(std::move(dir)), id_(std::move(id)) {}

  [[nodiscard]] FdRef dir() const { return dir_; }
  [[nodiscard]] const std::string& id() const { return id_; }

  // Waits for it. Errc::NotFound when the container was removed meanwhile.
  Result<> lock() const;
  Result<> unlock() const;

  // Written beside it and renamed: readers see the old content or the new.
  Result<> replace_file(const std::string& name, std::string_view content) const;
  Result<> create_file(const std::string& name, std::string_view content) const;
  Result<std::string> read_file(const std::string& name) const;

 private:
  Fd dir_;
  std::string id_;
};

class Store {
 public:
  Store() = default;
  // Makes the root (0700 for its last component) when `create` needs it.
  static Result<Store> open_or_make(const std::string& root);
  // A root that does not exist holds no containers: nullopt-like, every lookup fails.
  static Result<Store> open(const std::string& root);

  // Claims the id. Errc::Exists when it is taken.
  Result<ContainerDir> claim(const std::string& id) const;
  // Errc::NotFound "container does not exist" when there is none.
  Result<ContainerDir> find(const std::string& id) const;
  // Everything below the container's directory, and the directory. Links are not followed.
  Result<> remove(const ContainerDir& container) const;
  // Sorted; only what looks like a container of ours.
  Result<std::vector<std::string>> ids() const;

  [[nodiscard]] FdRef root() const { return root_; }

 private:
  explicit Store(Fd root) : root_(std::move(root)) {}
  Fd root_;
};

}  // namespace brig
