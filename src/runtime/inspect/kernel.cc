#include "runtime/inspect/kernel.h"

#include <algorithm>
#include <charconv>

#include "base/host_paths.h"
#include "base/text.h"
#include "sys/feature_probe.h"
#include "sys/file.h"

namespace brig::runtime {

namespace {

using sys::Feature;

constexpr char kModules[] = "/lib/modules";
constexpr std::size_t kLargeText = std::size_t{16} << 20;

struct NamedFeature {
  std::string_view name, since, needed_for;
  Feature feature;
  bool required = false;
};

constexpr NamedFeature kFeatures[] = {
    {"openat2", "5.6", "paths that an image controls", Feature::Openat2, true},
    {"clone3", "5.3", "the container's process", Feature::Clone3, true},
    {"clone3 into a cgroup", "5.7", "containers on cgroup v2", Feature::CloneIntoCgroup, false},
    {"mount API", "5.2", "the container's mounts", Feature::MountApi, true},
    {"mount_setattr", "5.12", "options of mounts, id-mapped mounts", Feature::MountSetattr, true},
    {"pidfd_open", "5.3", "every command about a container", Feature::PidfdOpen, true},
    {"pidfd_getfd", "5.6", "seccomp agents", Feature::PidfdGetfd, false},
    {"close_range", "5.11", "keeping descriptors of the host out", Feature::CloseRangeCloexec,
     true},
    {"faccessat2", "5.8", "finding the program", Feature::Faccessat2, true},
    {"seccomp filter", "4.14", "linux.seccomp", Feature::SeccompFilter, false},
    {"seccomp notify", "5.0", "SCMP_ACT_NOTIFY", Feature::SeccompNotify, false},
    {"seccomp wait killable", "5.19", "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
     Feature::SeccompWaitKill, false},
    {"bpf", "4.15", "device rules on cgroup v2", Feature::Bpf, false},
    {"keyrings", "2.6", "the session keyring (or use --no-new-keyring)", Feature::Keyrings, false},
};

struct NamedNamespace {
  std::string_view kind, file, counter, option;
};

constexpr NamedNamespace kNamespaces[] = {
    {"cgroup", "cgroup", "cgroup", "CONFIG_CGROUPS"}, {"ipc", "ipc", "ipc", "CONFIG_IPC_NS"},
    {"mount", "mnt", "mnt", "CONFIG_NAMESPACES"},     {"network", "net", "net", "CONFIG_NET_NS"},
    {"pid", "pid", "pid", "CONFIG_PID_NS"},           {"time", "time", "time", "CONFIG_TIME_NS"},
    {"user", "user", "user", "CONFIG_USER_NS"},       {"uts", "uts", "uts", "CONFIG_UTS_NS"},
};

std::string read_proc(const std::string& path) {
  const Result<std::string> text =
      sys::read_file_at(FdRef::cwd(), cat(host_paths::kProc, "/", path), kLargeText);
  return text ? *text : std::string();
}

std::string release() {
  std::string text = read_proc("sys/kernel/osrelease");
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

std::optional<std::uint64_t> number_in(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{}) return std::nullopt;
  return number;
}

NamespaceSupport support_of(const NamedNamespace& ns) {
  const Result<bool> present =
      sys::exists_at(FdRef::cwd(), cat(host_paths::kProc, "/self/ns/", ns.file));
  return {.kind = ns.kind,
          .option = ns.option,
          .sysctl = cat("user.max_", ns.counter, "_namespaces"),
          .present = present && *present,
          .limit = number_in(read_proc(cat("sys/user/max_", ns.counter, "_namespaces")))};
}

// Whether some line's last word, or the only one, is `word`.
bool has_line_ending(std::string_view text, std::string_view word) {
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = text.substr(begin, end - begin);
    if (line.ends_with(word) &&
        (line.size() == word.size() || line[line.size() - word.size() - 1] == '\t'))
      return true;
    begin = end + 1;
  }
  return false;
}

}  // namespace

const NamespaceSupport* KernelFacts::find_namespace(std::string_view kind) const {
  const auto found = std::ranges::find(namespaces, kind, &NamespaceSupport::kind);
  return found == namespaces.end() ? nullptr : &*found;
}

KernelFacts probe_kernel() {
  KernelFacts facts{.release = release(), .features = {}, .namespaces = {}};
  for (const NamedFeature& known : kFeatures)
    facts.features.push_back({.name = known.name,
                              .since = known.since,
                              .needed_for = known.needed_for,
                              .required = known.required,
                              .present = sys::has_feature(known.feature)});
  for (const NamedNamespace& known : kNamespaces) facts.namespaces.push_back(support_of(known));
  return facts;
}

std::string filesystems_text() {
  return read_proc("filesystems");
}

bool has_filesystem(std::string_view filesystems, std::string_view type) {
  // "fuse.sshfs" is fuse with a name.
  return has_line_ending(filesystems, type.substr(0, type.find('.')));
}

std::string module_aliases_text() {
  const Result<std::string> text =
      sys::read_file_at(FdRef::cwd(), cat(kModules, "/", release(), "/modules.alias"), kLargeText);
  return text ? *text : std::string();
}

// "alias fs-xfs xfs": what the kernel asks modprobe(8) for.
bool is_filesystem_module(std::string_view aliases, std::string_view type) {
  return aliases.contains(cat("alias fs-", type, " "));
}

}  // namespace brig::runtime
