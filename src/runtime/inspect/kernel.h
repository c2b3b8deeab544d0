// What this kernel can do, of what brig uses.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brig::runtime {

struct KernelFeature {
  std::string_view name;        // "openat2"
  std::string_view since;       // the Linux that brought it
  std::string_view needed_for;  // what does not work without
  bool required = false;        // without it brig runs nothing
  bool present = false;
};

struct NamespaceSupport {
  std::string_view kind;    // the configuration's word: "network"
  std::string_view option;  // of the kernel's build
  std::string sysctl;       // "user.max_net_namespaces"
  bool present = false;
  std::optional<std::uint64_t> limit;  // its value; absent: not known
};

struct KernelFacts {
  std::string release;  // "6.1.0-18-amd64"
  std::vector<KernelFeature> features;
  std::vector<NamespaceSupport> namespaces;
  [[nodiscard]] const NamespaceSupport* find_namespace(std::string_view kind) const;
};

KernelFacts probe_kernel();

// proc_filesystems(5), and the same for types that a module would bring when it is asked for.
std::string filesystems_text();
bool has_filesystem(std::string_view filesystems, std::string_view type);
std::string module_aliases_text();
bool is_filesystem_module(std::string_view aliases, std::string_view type);

}  // namespace brig::runtime
