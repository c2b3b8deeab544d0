#include "runtime/record.h"

#include "base/json.h"
#include "linux/cgroup/paths.h"

namespace brig::runtime {

namespace {

using json::Kind;
using json::Node;

void write_dirs(json::Writer& writer, std::string_view name, const std::vector<CgroupDir>& dirs) {
  writer.key(name);
  writer.begin_array();
  for (const CgroupDir& dir : dirs) {
    writer.begin_object();
    writer.member("mount", std::string_view(dir.mount));
    writer.member("path", std::string_view(dir.path));
    writer.member("controllers", std::string_view(dir.controllers));
    writer.end_object();
  }
  writer.end_array();
}

std::string text_of(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found != nullptr && found->kind == Kind::String ? found->text : std::string();
}

std::uint64_t number_of(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found != nullptr && found->kind == Kind::Integer && !found->negative ? found->magnitude
                                                                              : 0;
}

bool flag_of(const Node& node, std::string_view key) {
  const Node* found = node.find(key);
  return found != nullptr && found->kind == Kind::Bool && found->boolean;
}

std::vector<CgroupDir> dirs_of(const Node& node, std::string_view key) {
  std::vector<CgroupDir> dirs;
  if (const Node* list = node.find(key))
    for (const Node& item : list->items)
      dirs.push_back({.mount = text_of(item, "mount"),
                      .path = text_of(item, "path"),
                      .controllers = text_of(item, "controllers")});
  return dirs;
}

void write_namespaces(json::Writer& writer, NsSet namespaces) {
  writer.key("namespaces");
  writer.begin_array();
  for (const Ns ns : kAllNamespaces)
    if (namespaces.has(ns)) writer.value(name_of(ns));
  writer.end_array();
}

NsSet namespaces_of(const Node& node) {
  NsSet namespaces;
  if (const Node* list = node.find("namespaces"))
    for (const Node& item : list->items)
      for (const Ns ns : kAllNamespaces)
        if (item.text == name_of(ns)) namespaces.insert(ns);
  return namespaces;
}

void write_unit(json::Writer& writer, const SystemdUnit& unit) {
  writer.key("unit");
  writer.begin_object();
  writer.member("name", std::string_view(unit.name));
  writer.member("slice", std::string_view(unit.slice));
  writer.member("runDir", std::string_view(unit.run_dir));
  writer.member("cgroup", std::string_view(unit.cgroup));
  writer.end_object();
}

void write_resctrl(json::Writer& writer, const ResctrlGroup& group) {
  writer.key("resctrl");
  writer.begin_object();
  writer.member("name", std::string_view(group.name));
  writer.member("owned", group.owned);
  writer.member("monitor", std::string_view(group.monitor));
  writer.end_object();
}

void write_live_mounts(json::Writer& writer, const std::vector<LiveMount>& mounts) {
  writer.key("liveMounts");
  writer.begin_array();
  for (const LiveMount& mount : mounts) {
    writer.begin_object();
    writer.member("destination", std::string_view(mount.target.text));
    writer.member("number", mount.number);
    writer.end_object();
  }
  writer.end_array();
}

std::vector<LiveMount> live_mounts_of(const Node& node) {
  std::vector<LiveMount> mounts;
  if (const Node* list = node.find("liveMounts"))
    for (const Node& item : list->items)
      mounts.push_back({.target = {text_of(item, "destination")},
                        .number = number_of(item, "number"),
                        .json_path = {}});
  return mounts;
}

std::optional<ResctrlGroup> resctrl_of(const Node& node) {
  const Node* found = node.find("resctrl");
  if (found == nullptr) return std::nullopt;
  return ResctrlGroup{.name = text_of(*found, "name"),
                      .owned = flag_of(*found, "owned"),
                      .monitor = text_of(*found, "monitor")};
}

std::optional<SystemdUnit> unit_of(const Node& node) {
  const Node* found = node.find("unit");
  if (found == nullptr) return std::nullopt;
  return SystemdUnit{.name = text_of(*found, "name"),
                     .slice = text_of(*found, "slice"),
                     .run_dir = text_of(*found, "runDir"),
                     .cgroup = text_of(*found, "cgroup")};
}

}  // namespace

std::string encode_record(const Record& record) {
  json::Writer writer;
  writer.begin_object();
  writer.member("version", 1);
  writer.member("id", std::string_view(record.id));
  writer.member("bundle", std::string_view(record.bundle));
  writer.member("rootfs", std::string_view(record.rootfs));
  writer.member("ociVersion", std::string_view(record.oci_version));
  writer.member("created", std::string_view(record.created));
  writer.member("owner", record.owner);
  writer.member("complete", record.complete);
  writer.member("pid", static_cast<std::int64_t>(record.pid));
  writer.member("startTime", record.start_time);
  writer.member("ownPidNamespace", record.own_pid_namespace);
  write_namespaces(writer, record.namespaces);
  writer.member("ownKeyring", record.own_keyring);
  writer.key("cgroup");
  writer.begin_object();
  writer.member("mode", static_cast<std::uint64_t>(record.cgroup.mode));
  write_dirs(writer, "v1", record.cgroup.v1);
  write_dirs(writer, "v2", record.cgroup.v2);
  writer.end_object();
  if (record.unit) write_unit(writer, *record.unit);
  if (record.resctrl) write_resctrl(writer, *record.resctrl);
  if (!record.live_mounts.empty()) write_live_mounts(writer, record.live_mounts);
  writer.key("annotations");
  writer.begin_object();
  for (const auto& [name, value] : record.annotations) writer.member(name, std::string_view(value));
  writer.end_object();
  writer.end_object();
  return writer.take();
}

Result<Record> parse_record(std::string_view text) {
  const Node root = TRY_DOING(json::parse(text), "state.json");
  const std::uint64_t mode =
      root.find("cgroup") != nullptr ? number_of(*root.find("cgroup"), "mode") : std::uint64_t{99};
  if (number_of(root, "version") != 1 || mode > static_cast<std::uint64_t>(CgroupMode::V2))
    return fail(Errc::BadConfig, "state.json: not the state of a container of this version");
  const Node& cgroup = *root.find("cgroup");
  Record record{.id = text_of(root, "id"),
                .bundle = text_of(root, "bundle"),
                .rootfs = text_of(root, "rootfs"),
                .oci_version = text_of(root, "ociVersion"),
                .created = text_of(root, "created"),
                .owner = static_cast<std::uint32_t>(number_of(root, "owner")),
                .cgroup = {.mode = static_cast<CgroupMode>(mode),
                           .v1 = dirs_of(cgroup, "v1"),
                           .v2 = dirs_of(cgroup, "v2")},
                .unit = unit_of(root),
                .complete = flag_of(root, "complete"),
                .pid = static_cast<pid_t>(number_of(root, "pid")),
                .start_time = number_of(root, "startTime"),
                .own_pid_namespace = flag_of(root, "ownPidNamespace"),
                .namespaces = namespaces_of(root),
                .own_keyring = flag_of(root, "ownKeyring"),
                .resctrl = resctrl_of(root),
                .live_mounts = live_mounts_of(root)};
  if (const Node* annotations = root.find("annotations"))
    for (const auto& [name, value] : annotations->members) record.annotations[name] = value.text;
  TRY_DOING(validate_cgroup_paths(record.cgroup), "state.json");
  if (record.resctrl) TRY_DOING(validate_resctrl(*record.resctrl), "state.json");
  return record;
}

}  // namespace brig::runtime
