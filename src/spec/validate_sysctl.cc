// Most kernel parameters are the host's whoever sets them. Allowed are those that belong to a
// namespace, and only in a namespace of the container's own.
#include <algorithm>

#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

constexpr std::string_view kIpcParameters[] = {  // ipc_namespaces(7)
    "msgmax", "msgmnb", "msgmni", "sem", "shmall", "shmmax", "shmmni", "shm_rmid_forced"};

// sysctl(8): the first separator decides which one separates; the other then stands for a literal
// dot, as in net.ipv4.conf.eth0/100.rp_filter.
Strings components_of(std::string_view name) {
  const std::size_t first = name.find_first_of("./");
  const char separator = first == name.npos ? '.' : name[first];
  Strings components(1);
  for (const char c : name) {
    if (c == separator)
      components.emplace_back();
    else
      components.back() += c == '/' ? '.' : c;
  }
  return components;
}

bool is_safe(const std::string& component) {
  if (component.empty() || component == "." || component == "..") return false;
  for (const char c : component)
    if (static_cast<unsigned char>(c) <= ' ' || c == '\x7F') return false;
  return true;
}

// "" for a parameter of the whole host.
std::string_view namespace_of(const Strings& name) {
  if (name.size() < 2) return "";
  if (name[0] == "net") return "network";
  if (name[0] == "user") return "user";
  if (name[0] == "fs" && name[1] == "mqueue" && name.size() == 3) return "ipc";
  if (name[0] != "kernel" || name.size() != 2) return "";
  if (name[1] == "domainname") return "uts";
  return contains(kIpcParameters, name[1]) ? "ipc" : "";
}

}  // namespace

void validate_sysctl(const Spec& spec, const StringMap& sysctl, const Place& here) {
  for (const auto& [key, value] : sysctl) {
    const Place place = here.at(key);
    const Strings name = components_of(key);
    const std::string_view type = namespace_of(name);
    if (!std::ranges::all_of(name, is_safe))
      place.error("not the name of a kernel parameter");
    else if (name == Strings{"kernel", "hostname"})
      place.error("use the member hostname");
    else if (type.empty())
      place.error("belongs to no namespace: it would change the host");
    else
      check_own_namespace(spec, type, place);
    if (value.find_first_of("\n\r") != value.npos) place.error("must be one line");
  }
}

}  // namespace brig::spec
