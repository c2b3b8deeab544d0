#include "linux/device/plan.h"

#include <sys/stat.h>

#include <algorithm>

#include "base/host_paths.h"
#include "linux/container_path.h"
#include "spec/types.h"

namespace brig {

namespace {

struct DefaultNode {
  std::string_view name;
  std::uint32_t major, minor;
};
// config-linux.md, "Default Devices"; /dev/console and /dev/ptmx are made elsewhere.
constexpr DefaultNode kDefaultNodes[] = {{"/null", 1, 3},   {"/zero", 1, 5},    {"/full", 1, 7},
                                         {"/random", 1, 8}, {"/urandom", 1, 9}, {"/tty", 5, 0}};

std::string in_dev(std::string_view name) {
  return cat(host_paths::kDev, name);
}

Result<std::uint32_t> file_type(const spec::Device& device, const std::string& json_path) {
  if (device.type == "c" || device.type == "u") return S_IFCHR;
  if (device.type == "b") return S_IFBLK;
  if (device.type == "p") return S_IFIFO;
  return fail(Errc::BadConfig, cat(json_path, ".type: unknown device type '", device.type, "'"));
}

Result<DeviceNode> plan_node(const spec::Device& device, const std::string& json_path) {
  const std::uint32_t type = TRY(file_type(device, json_path));
  return DeviceNode{.path = {clean_path(device.path)},
                    .mode = type | (device.file_mode.value_or(0666) & 07777),
                    .major = static_cast<std::uint32_t>(device.major),
                    .minor = static_cast<std::uint32_t>(device.minor),
                    .uid = device.uid.value_or(0),
                    .gid = device.gid.value_or(0),
                    .json_path = json_path};
}

bool has_node(const DevicePlan& plan, const std::string& path) {
  return std::ranges::any_of(plan.nodes, [&](const DeviceNode& n) { return n.path.text == path; });
}

void add_default_nodes(DevicePlan& plan) {
  for (const DefaultNode& node : kDefaultNodes) {
    if (has_node(plan, in_dev(node.name))) continue;  // the configuration's own wins
    plan.nodes.push_back({.path = {in_dev(node.name)},
                          .mode = S_IFCHR | 0666,
                          .major = node.major,
                          .minor = node.minor,
                          .json_path = "default devices"});
  }
}

void add_links(DevicePlan& plan, const DeviceFacts& facts) {
  const auto self_fd = [](std::string_view name) {
    return cat(host_paths::kProc, "/self/fd", name);
  };
  plan.links = {{self_fd(""), {in_dev("/fd")}},
                {self_fd("/0"), {in_dev("/stdin")}},
                {self_fd("/1"), {in_dev("/stdout")}},
                {self_fd("/2"), {in_dev("/stderr")}},
                {"pts/ptmx", {in_dev("/ptmx")}, true}};
  if (facts.has_proc_core)
    plan.links.push_back({cat(host_paths::kProc, "/kcore"), {in_dev("/core")}});
}

}  // namespace

Result<DevicePlan> plan_devices(const spec::Spec& spec, const DeviceFacts& facts) {
  DevicePlan plan;
  if (spec.linux_) {
    const std::vector<spec::Device>& wanted = spec.linux_->devices;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      DeviceNode node = TRY(plan_node(wanted[i], cat("linux.devices[", i, "]")));
      plan.nodes.push_back(std::move(node));
    }
  }
  if (!facts.dev_is_host) {
    add_default_nodes(plan);
    add_links(plan, facts);
  }
  for (DeviceNode& node : plan.nodes)
    node.bound_from_host = facts.user_namespace && !S_ISFIFO(node.mode);
  return plan;
}

}  // namespace brig
