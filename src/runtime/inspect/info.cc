#include "runtime/inspect/info.h"

#include "base/host_paths.h"
#include "linux/lsm/facts.h"
#include "linux/seccomp/version.h"
#include "runtime/caller.h"
#include "runtime/inspect/info_sections.h"
#include "runtime/inspect/kernel.h"
#include "sys/file.h"

namespace brig::runtime {

namespace {

std::string namespace_value(const NamespaceSupport& ns) {
  return ns.limit ? cat("at most ", *ns.limit) : std::string();
}

// "lockdown,capability,apparmor": which modules run, in their order; for root only.
std::string running_modules() {
  Result<std::string> text =
      sys::read_file_at(FdRef::cwd(), cat(host_paths::kSys, "/kernel/security/lsm"));
  return text ? std::move(*text) : std::string();
}

}  // namespace

InfoItem offered(bool there, InfoItem item) {
  item.offer = there ? Offer::There : Offer::Missing;
  if (there) item.remedy.clear();
  return item;
}

InfoSection kernel_section() {
  const KernelFacts kernel = probe_kernel();
  InfoSection section{.name = "kernel", .items = {fact("release", kernel.release)}};
  for (const KernelFeature& feature : kernel.features)
    section.items.push_back(
        offered(feature.present, {.name = std::string(feature.name),
                                  .value = {},
                                  .needed_for = std::string(feature.needed_for),
                                  .remedy = cat("Linux ", feature.since, " or later has it")}));
  return section;
}

InfoSection namespace_section() {
  const KernelFacts kernel = probe_kernel();
  InfoSection section{.name = "namespaces", .items = {}};
  for (const NamespaceSupport& ns : kernel.namespaces) {
    const bool usable = ns.present && ns.limit != 0;
    section.items.push_back(
        offered(usable, {.name = std::string(ns.kind),
                         .value = namespace_value(ns),
                         .needed_for = cat("a namespace of type ", ns.kind, " in linux.namespaces"),
                         .remedy = ns.present ? cat("sysctl -w ", ns.sysctl, "=15000")
                                              : cat("a kernel with ", ns.option)}));
  }
  return section;
}

InfoSection security_section() {
  InfoSection section{.name = "security", .items = {}};
  const Result<LsmFacts> probed = probe_lsm_facts();
  const LsmFacts lsm = probed ? *probed : LsmFacts();
  if (std::string modules = running_modules(); !modules.empty())
    section.items.push_back(fact("modules", std::move(modules)));
  section.items.push_back(offered(lsm.apparmor, {.name = "AppArmor",
                                                 .value = lsm.confined ? "brig is confined" : "",
                                                 .needed_for = "process.apparmorProfile",
                                                 .remedy = "boot with security=apparmor"}));
  section.items.push_back(
      offered(lsm.selinux, {.name = "SELinux",
                            .value = {},
                            .needed_for = "process.selinuxLabel, linux.mountLabel",
                            .remedy = "boot with security=selinux, and a policy"}));
  section.items.push_back(fact("libseccomp", std::string(libseccomp_version())));
  return section;
}

std::vector<InfoSection> host_info(const Settings& settings) {
  const bool is_root = is_host_root();
  const Result<CgroupFacts> probed = probe_cgroup_facts({.own_path = true, .v2_controllers = true});
  const CgroupFacts cgroups = probed ? *probed : CgroupFacts();
  std::vector<InfoSection> sections;
  sections.push_back(kernel_section());
  sections.push_back(namespace_section());
  sections.push_back(cgroup_section(cgroups, is_root));
  sections.push_back(systemd_section(settings, is_root));
  sections.push_back(security_section());
  sections.push_back(user_section());
  sections.push_back(rootless_section(settings, cgroups));
  return sections;
}

}  // namespace brig::runtime
