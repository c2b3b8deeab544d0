#include "linux/sysctl/plan.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace brig {

namespace {

using Components = std::vector<std::string>;

// sysctl(8): the first separator of a name decides. In "net.ipv4.conf.eth0/100.forwarding" the
// dots separate and a slash stands for a dot; in "net/ipv4/conf/eth0.100/forwarding" only slashes
// separate. An interface such as eth0.100 can thus be named both ways.
Result<Components> split_key(const std::string& key) {
  const std::size_t first = key.find_first_of("./");
  const char separator = first == std::string::npos ? '.' : key[first];
  Components components(1);
  for (const char c : key) {
    if (c == separator)
      components.emplace_back();
    else
      components.back() += c == '/' ? '.' : c;
  }
  for (const std::string& component : components) {
    if (component.empty()) return fail(Errc::BadConfig, "has an empty component");
    if (component == "." || component == "..")
      return fail(Errc::BadConfig, cat("has the component '", component, "'"));
  }
  return components;
}

// ipc_namespaces(7); each IPC namespace has its own since Linux 2.6.
bool is_ipc(const Components& name) {
  static constexpr std::array<std::string_view, 8> kOfIpc{
      "msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"};
  if (name.size() == 2 && name[0] == "kernel")
    return std::ranges::find(kOfIpc, name[1]) != kOfIpc.end();
  return name.size() == 3 && name[0] == "fs" && name[1] == "mqueue";
}

Result<> require(bool own, std::string_view namespace_name) {
  if (own) return {};
  return fail(Errc::BadConfig,
              cat("belongs to the ", namespace_name,
                  " namespace, and the container shares the host's: it would change the host"));
}

Result<> check_scope(const Components& name, const SysctlScope& scope) {
  if (is_ipc(name)) return require(scope.own_ipc, "ipc");
  if (name[0] == "net") return require(scope.own_network, "network");
  if (name[0] == "user") return require(scope.own_user, "user");
  if (name == Components{"kernel", "domainname"}) return require(scope.own_uts, "uts");
  if (name == Components{"kernel", "hostname"})
    return fail(Errc::BadConfig, "is what the member 'hostname' is for");
  return fail(Errc::BadConfig, "belongs to no namespace: it would change the host");
}

Result<Sysctl> plan_one(const std::string& key, const std::string& value,
                        const SysctlScope& scope) {
  static constexpr std::string_view kLineEnds{"\0\n\r", 3};
  if (key.find_first_of(kLineEnds) != std::string::npos)
    return fail(Errc::BadConfig, "has a line break or NUL in its name");
  // The kernel stops reading at either, so the rest would be dropped without a word.
  if (value.find_first_of(kLineEnds) != std::string::npos)
    return fail(Errc::BadConfig, "has a line break or NUL in its value");
  const Components name = TRY(split_key(key));
  TRY(check_scope(name, scope));
  return Sysctl{.key = key, .path = cat("sys/", join(name, "/")), .value = value};
}

}  // namespace

Result<SysctlPlan> plan_sysctl(const std::map<std::string, std::string>& sysctl,
                               const SysctlScope& scope) {
  SysctlPlan plan;
  for (const auto& [key, value] : sysctl) {
    Sysctl planned = TRY_DOING(plan_one(key, value, scope), "linux.sysctl: '", key, "'");
    plan.push_back(std::move(planned));
  }
  return plan;
}

}  // namespace brig
