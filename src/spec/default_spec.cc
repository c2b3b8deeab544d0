#include "spec/default_spec.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "base/json.h"
#include "spec/default_spec_mounts.h"

namespace brig::spec {
namespace {

using json::Writer;
using Strings = std::string_view[];

constexpr Strings kArgs = {"sh"};
constexpr Strings kEnv = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                          "TERM=xterm"};
constexpr Strings kCapabilities = {"CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"};
// The last one tells the energy that the processor uses, and by that what others compute on it
// (GO-2023-2412, "Platypus"): it is readable by root, and in a container too.
constexpr Strings kMaskedPaths = {"/proc/acpi",
                                  "/proc/asound",
                                  "/proc/kcore",
                                  "/proc/keys",
                                  "/proc/latency_stats",
                                  "/proc/timer_list",
                                  "/proc/timer_stats",
                                  "/proc/sched_debug",
                                  "/sys/firmware",
                                  "/proc/scsi",
                                  "/sys/devices/virtual/powercap"};
constexpr Strings kReadonlyPaths = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                    "/proc/sysrq-trigger"};

void write_process(Writer& w) {
  w.key("process");
  w.begin_object();
  w.member("terminal", true);
  w.key("user");
  w.begin_object();
  w.member("uid", 0);
  w.member("gid", 0);
  w.end_object();
  w.strings("args", kArgs);
  w.strings("env", kEnv);
  w.member("cwd", "/");
  w.key("capabilities");
  w.begin_object();
  for (const char* set : {"bounding", "effective", "permitted"}) w.strings(set, kCapabilities);
  w.end_object();
  w.key("rlimits");
  w.begin_array();
  w.begin_object();
  w.member("type", "RLIMIT_NOFILE");
  w.member("hard", 1024);
  w.member("soft", 1024);
  w.end_object();
  w.end_array();
  w.member("noNewPrivileges", true);
  w.end_object();
}

void write_mount(Writer& w, const DefaultMount& mount) {
  w.begin_object();
  w.member("destination", mount.destination);
  w.member("type", mount.type);
  w.member("source", mount.source);
  if (!mount.options.empty()) w.strings("options", mount.options);
  w.end_object();
}

// In a user namespace that maps only one id, uid= and gid= name ids that do not exist there; and
// sysfs shows the network namespace, which the user namespace does not own: bound, not mounted.
void write_rootless_mount(Writer& w, DefaultMount mount) {
  constexpr std::string_view kBoundSys[] = {"rbind", "nosuid", "noexec", "nodev", "ro"};
  std::vector<std::string_view> mapped;
  std::ranges::copy_if(mount.options, std::back_inserter(mapped), [](std::string_view option) {
    return !option.starts_with("uid=") && !option.starts_with("gid=");
  });
  mount.options = mapped;
  if (mount.type == "sysfs")
    mount = {.destination = mount.destination,
             .type = "none",
             .source = mount.destination,
             .options = kBoundSys};
  write_mount(w, mount);
}

void write_mounts(Writer& w, const DefaultSpecOptions& options) {
  w.key("mounts");
  w.begin_array();
  for (const DefaultMount& mount : default_mounts())
    options.rootless ? write_rootless_mount(w, mount) : write_mount(w, mount);
  w.end_array();
}

void write_mapping(Writer& w, std::string_view name, std::uint32_t host_id) {
  w.key(name);
  w.begin_array();
  w.begin_object();
  w.member("containerID", 0);
  w.member("hostID", host_id);
  w.member("size", 1);
  w.end_object();
  w.end_array();
}

// All devices but the default ones, which brig always allows, are out of reach.
void write_resources(Writer& w) {
  w.key("resources");
  w.begin_object();
  w.key("devices");
  w.begin_array();
  w.begin_object();
  w.member("allow", false);
  w.member("access", "rwm");
  w.end_object();
  w.end_array();
  w.end_object();
}

void write_namespaces(Writer& w, const DefaultSpecOptions& options) {
  w.key("namespaces");
  w.begin_array();
  const auto write = [&](std::string_view type) {
    w.begin_object();
    w.member("type", type);
    w.end_object();
  };
  write("pid");
  if (!options.rootless) write("network");
  for (const char* type : {"ipc", "uts", "mount"}) write(type);
  if (options.cgroup2) write("cgroup");
  if (options.rootless) write("user");
  w.end_array();
}

void write_linux(Writer& w, const DefaultSpecOptions& options) {
  w.key("linux");
  w.begin_object();
  if (options.rootless) {
    write_mapping(w, "uidMappings", options.uid);
    write_mapping(w, "gidMappings", options.gid);
  } else {
    write_resources(w);
  }
  write_namespaces(w, options);
  w.strings("maskedPaths", kMaskedPaths);
  w.strings("readonlyPaths", kReadonlyPaths);
  w.end_object();
}

}  // namespace

std::string default_spec_json(const DefaultSpecOptions& options) {
  Writer w(Writer::Pretty{.tab = true});
  w.begin_object();
  w.member("ociVersion", "1.3.0");
  write_process(w);
  w.key("root");
  w.begin_object();
  w.member("path", "rootfs");
  w.member("readonly", true);
  w.end_object();
  w.member("hostname", "brig");
  write_mounts(w, options);
  write_linux(w, options);
  w.end_object();
  return w.take() + '\n';
}

}  // namespace brig::spec
