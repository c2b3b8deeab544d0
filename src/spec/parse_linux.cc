// The "linux" section but for its resources and seccomp, which have files of their own.
#include <sys/stat.h>

#include "spec/parse_sections.h"

namespace brig::spec {
namespace {

struct NetDevice {
  std::string name;
};

}  // namespace

static void read_members(const Reader& in, Namespace& out) {
  in.required("type", out.type);
  in.optional("path", out.path);
}

static void read_members(const Reader& in, TimeOffset& out) {
  in.optional("secs", out.secs);
  in.optional("nanosecs", out.nanosecs);
}

static void read_members(const Reader& in, Device& out) {
  in.required("type", out.type);
  in.required("path", out.path);
  if (out.type == "p") {
    in.optional("major", out.major);
    in.optional("minor", out.minor);
  } else {
    in.required("major", out.major);
    in.required("minor", out.minor);
  }
  in.optional("fileMode", out.file_mode);
  // Some engines copy st_mode as it is, with the file type in it; `type` has said that already.
  if (out.file_mode) *out.file_mode &= ~static_cast<std::uint32_t>(S_IFMT);
  in.optional("uid", out.uid);
  in.optional("gid", out.gid);
}

static void read_members(const Reader& in, NetDevice& out) {
  in.optional("name", out.name);
}

static void read_members(const Reader& in, IntelRdt& out) {
  in.optional("closID", out.clos_id);
  in.optional("l3CacheSchema", out.l3_cache_schema);
  in.optional("memBwSchema", out.mem_bw_schema);
  in.optional("schemata", out.schemata);
  in.optional("enableMonitoring", out.enable_monitoring);
}

static void read_members(const Reader& in, MemoryPolicy& out) {
  in.required("mode", out.mode);
  in.optional("nodes", out.nodes);
  in.optional("flags", out.flags);
}

static void read_members(const Reader& in, Personality& out) {
  in.required("domain", out.domain);
  in.optional("flags", out.flags);
}

// A device without a new name keeps the one it has.
static void read_net_devices(const Reader& in, StringMap& out) {
  std::map<std::string, NetDevice> devices;
  in.optional("netDevices", devices);
  for (const auto& [name, device] : devices) out[name] = device.name.empty() ? name : device.name;
}

void read_members(const Reader& in, Linux& out) {
  in.optional("namespaces", out.namespaces);
  in.optional("uidMappings", out.uid_mappings);
  in.optional("gidMappings", out.gid_mappings);
  in.optional("timeOffsets", out.time_offsets);
  in.optional("devices", out.devices);
  read_net_devices(in, out.net_devices);
  in.optional("cgroupsPath", out.cgroups_path);
  in.optional("resources", out.resources);
  in.optional("rootfsPropagation", out.rootfs_propagation);
  in.optional("maskedPaths", out.masked_paths);
  in.optional("readonlyPaths", out.readonly_paths);
  in.optional("mountLabel", out.mount_label);
  in.optional("sysctl", out.sysctl);
  in.optional("seccomp", out.seccomp);
  in.optional("intelRdt", out.intel_rdt);
  in.optional("memoryPolicy", out.memory_policy);
  in.optional("personality", out.personality);
}

}  // namespace brig::spec
