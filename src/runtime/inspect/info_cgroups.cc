#include <algorithm>

#include "linux/cgroup/parse.h"
#include "linux/cgroup/systemd/manager.h"
#include "linux/cgroup/systemd/unit.h"
#include "runtime/inspect/info_sections.h"
#include "sys/file.h"

namespace brig::runtime {

namespace {

struct Controller {
  std::string_view name_v2, name_v1, needed_for;
};

constexpr Controller kControllers[] = {
    {"cpu", "cpu", "linux.resources.cpu: shares, quota, idle"},
    {"cpuset", "cpuset", "linux.resources.cpu: cpus, mems"},
    {"io", "blkio", "linux.resources.blockIO"},
    {"memory", "memory", "linux.resources.memory"},
    {"pids", "pids", "linux.resources.pids"},
    {"hugetlb", "hugetlb", "linux.resources.hugepageLimits"},
    {"rdma", "rdma", "linux.resources.rdma"},
    {"misc", "misc", "linux.resources.unified: misc.max"},
};

// Where a controller is: a v1 hierarchy's mount, or the tree's.
std::string place_of(const CgroupFacts& facts, const Controller& controller) {
  for (const CgroupHierarchy& hierarchy : facts.v1)
    if (contains(hierarchy.controllers, controller.name_v1)) return hierarchy.mount;
  for (const CgroupV2Tree& tree : facts.v2)
    if (contains(tree.controllers, controller.name_v2)) return tree.mount;
  return {};
}

bool is_read_only(const CgroupFacts& facts) {
  return std::ranges::any_of(facts.v1, &CgroupHierarchy::read_only) ||
         std::ranges::any_of(facts.v2, &CgroupV2Tree::read_only);
}

InfoItem describe(const CgroupFacts& facts, const Controller& controller) {
  std::string place = place_of(facts, controller);
  const bool there = !place.empty();
  return offered(there, {.name = std::string(controller.name_v2),
                         .value = std::move(place),
                         .needed_for = std::string(controller.needed_for),
                         .remedy = "a kernel that has the controller, not switched off by "
                                   "cgroup_disable= on its command line"});
}

// What systemd, or root, has given this user to manage: the directory and what works below it.
InfoItem delegation(const CgroupV2Tree& tree) {
  const std::string where = tree.mount + tree.delegated;
  Result<std::string> controllers = sys::read_file_at(FdRef::cwd(), where + "/cgroup.controllers");
  const std::string names = controllers ? join(words_of(*controllers), " ") : std::string();
  return offered(!tree.delegated.empty(),
                 {.name = "delegated to this user",
                  .value = tree.delegated.empty() ? "" : cat(where, ": ", names),
                  .needed_for = "limits of containers without root",
                  .remedy = "start brig from a session of systemd's (systemd-run --user --scope "
                            "--property=Delegate=yes)"});
}

}  // namespace

InfoSection cgroup_section(const CgroupFacts& facts, bool is_root) {
  InfoSection section{.name = "cgroups", .items = {}};
  const bool there = facts.mode != CgroupMode::None;
  section.items.push_back(offered(there, {.name = "version",
                                          .value = std::string(name_of(facts.mode)),
                                          .needed_for = "limits of any kind, pause, kill --all",
                                          .remedy = "mount -t cgroup2 cgroup2 /sys/fs/cgroup"}));
  if (!there) return section;
  section.items.push_back(offered(!is_read_only(facts), {.name = "writable",
                                                         .value = {},
                                                         .needed_for = "cgroups of containers",
                                                         .remedy = "mount them for writing"}));
  for (const CgroupV2Tree& tree : facts.v2) {
    section.items.push_back(fact("own cgroup", tree.own_path));
    if (!is_root) section.items.push_back(delegation(tree));
  }
  for (const Controller& controller : kControllers)
    section.items.push_back(describe(facts, controller));
  return section;
}

// A connection is made and given up: systemd is asked for nothing.
InfoSection systemd_section(const Settings& settings, bool is_root) {
  const std::string run_dir = is_root ? std::string(kSystemRunDir) : settings.runtime_dir;
  InfoSection section{.name = "systemd", .items = {}};
  std::string why = "XDG_RUNTIME_DIR is not set";
  bool reached = false;
  if (!run_dir.empty()) {
    const Result<SystemdManager> manager = SystemdManager::connect(run_dir);
    reached = manager.has_value();
    why = reached ? run_dir : manager.error().message();
  }
  section.items.push_back(offered(reached, {.name = is_root ? "the system's" : "this user's",
                                            .value = std::move(why),
                                            .needed_for = "--cgroup-manager=systemd",
                                            .remedy = "use the cgroupfs manager"}));
  return section;
}

}  // namespace brig::runtime
