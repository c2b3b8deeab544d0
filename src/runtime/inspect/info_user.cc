#include <linux/capability.h>
#include <sys/stat.h>

#include "base/host_paths.h"
#include "linux/ids/own_ids.h"
#include "runtime/caller.h"
#include "runtime/inspect/info_sections.h"
#include "runtime/inspect/kernel.h"
#include "runtime/user_name.h"
#include "sys/cgroup.h"
#include "sys/credentials.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

// What images expect: ids up to that of nobody.
constexpr std::uint64_t kUsualIds = 65536;

bool has_capability(unsigned capability) {
  const Result<sys::CapabilitySets> own = sys::get_capabilities();
  return own && (own->effective >> capability & 1) != 0;
}

// A sysctl that only some kernels have: Debian's, Ubuntu's.
bool reads(const char* path, std::string_view value) {
  const Result<std::string> text =
      sys::read_file_at(FdRef::cwd(), cat(host_paths::kProc, "/", path));
  return text && text->starts_with(value);
}

InfoItem mapping_program(const char* name) {
  std::string found = find_mapping_program(name);
  const bool there = !found.empty();
  return offered(there, {.name = name,
                         .value = std::move(found),
                         .needed_for = "more than one id in a container without root",
                         .remedy = "install uidmap"});
}

std::string describe(const std::vector<IdRange>& ranges) {
  std::vector<std::string> texts;
  for (const IdRange& range : ranges) texts.push_back(cat(range.host_id, "+", range.size));
  return join(texts, ", ");
}

InfoItem sub_ids(const char* file, const char* name) {
  const Result<std::string> text = sys::read_file_at(FdRef::cwd(), file);
  const std::uint32_t uid = sys::effective_uid();
  const std::vector<IdRange> ranges =
      subordinate_ranges(text ? *text : std::string(), {.uid = uid, .user_name = user_name(uid)});
  std::uint64_t sum = 0;
  for (const IdRange& range : ranges) sum += range.size;
  return offered(sum >= kUsualIds,
                 {.name = name,
                  .value = describe(ranges),
                  .needed_for = "images with files of several users, without root",
                  .remedy = cat("usermod --add-", name, "s 100000-165535 ", user_name(uid))});
}

InfoItem unprivileged_namespaces() {
  const bool off = reads("sys/kernel/unprivileged_userns_clone", "0");
  const bool restricted = reads("sys/kernel/apparmor_restrict_unprivileged_userns", "1");
  const KernelFacts kernel = probe_kernel();
  const NamespaceSupport* const user = kernel.find_namespace("user");
  const bool none = user == nullptr || !user->present || user->limit == 0;
  std::string remedy = "a kernel with CONFIG_USER_NS, and sysctl -w user.max_user_namespaces=15000";
  if (restricted)
    remedy =
        "an AppArmor profile for brig that allows userns, or sysctl -w "
        "kernel.apparmor_restrict_unprivileged_userns=0";
  if (off) remedy = "sysctl -w kernel.unprivileged_userns_clone=1";
  return offered(!off && !none && !restricted, {.name = "user namespaces without privilege",
                                                .value = {},
                                                .needed_for = "containers without root",
                                                .remedy = std::move(remedy)});
}

}  // namespace

InfoSection user_section() {
  InfoSection section{.name = "user", .items = {}};
  const std::uint32_t uid = sys::effective_uid();
  const bool initial = sys::in_initial_user_namespace();
  section.items.push_back(fact("uid", cat(uid, " (", user_name(uid), ")")));
  section.items.push_back(fact("user namespace", initial ? "the host's" : "one of its own"));
  section.items.push_back(
      offered(has_capability(CAP_SYS_ADMIN),
              {.name = "CAP_SYS_ADMIN",
               .value = {},
               .needed_for = "containers without a user namespace of their own",
               .remedy = "run brig as root, or give the configuration a user namespace"}));
  section.items.push_back(offered(
      has_capability(CAP_SYS_RESOURCE) && initial,
      {.name = "CAP_SYS_RESOURCE",
       .value = {},
       .needed_for = "process.rlimits above the hard limits here, a lower process.oomScoreAdj",
       .remedy = "run brig with it"}));
  return section;
}

InfoSection rootless_section(const Settings& settings, const CgroupFacts& cgroups) {
  InfoSection section{.name = "rootless", .items = {}};
  section.items.push_back(unprivileged_namespaces());
  section.items.push_back(mapping_program("newuidmap"));
  section.items.push_back(mapping_program("newgidmap"));
  section.items.push_back(sub_ids("/etc/subuid", "subuid"));
  section.items.push_back(sub_ids("/etc/subgid", "subgid"));
  section.items.push_back(
      offered(!settings.runtime_dir.empty() && sys::may_write(settings.runtime_dir),
              {.name = "XDG_RUNTIME_DIR",
               .value = settings.runtime_dir,
               .needed_for = "the state of containers without root (or use --root)",
               .remedy = "log in through systemd-logind, or set it to a directory of the user's"}));
  section.items.push_back(
      offered(cgroups.mode == CgroupMode::V2, {.name = "cgroup v2 alone",
                                               .value = {},
                                               .needed_for = "limits of containers without root",
                                               .remedy = "boot with "
                                                         "systemd.unified_cgroup_hierarchy=1"}));
  return section;
}

}  // namespace brig::runtime
