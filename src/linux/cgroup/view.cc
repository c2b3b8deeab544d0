#include "linux/cgroup/view.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "linux/cgroup/parse.h"

namespace brig {

namespace {

std::string last_component(const std::string& path) {
  return path.substr(path.find_last_of('/') + 1);
}

CgroupView::Entry entry_of(const CgroupDir& dir, CgroupNamespace cgroup_namespace) {
  CgroupView::Entry entry{
      .name = last_component(dir.mount), .fstype = {}, .options = {}, .bind_source = {}};
  if (cgroup_namespace == CgroupNamespace::Inherited) {
    entry.bind_source = directory_of(dir);
    return entry;
  }
  entry.fstype = dir.controllers.empty() ? "cgroup2" : "cgroup";
  entry.options = dir.controllers;  // the options of a v1 mount are its controllers
  return entry;
}

// Programs look for "cpu" where the hierarchy is "cpu,cpuacct".
void add_links(const CgroupDir& dir, CgroupView& view) {
  const std::string name = last_component(dir.mount);
  for (const std::string_view controller : split(dir.controllers, ',')) {
    const bool taken =
        std::any_of(view.entries.begin(), view.entries.end(),
                    [&](const CgroupView::Entry& entry) { return entry.name == controller; });
    if (!taken && !controller.starts_with("name="))
      view.links.emplace_back(name, std::string(controller));
  }
}

}  // namespace

CgroupView plan_cgroup_view(const CgroupPaths& paths, CgroupNamespace cgroup_namespace) {
  CgroupView view;
  if (paths.mode == CgroupMode::V2) {
    if (cgroup_namespace == CgroupNamespace::Own)
      view.single_fstype = "cgroup2";
    else
      view.single_bind = directory_of(paths.v2[0]);
    return view;
  }
  view.tmpfs = true;
  for (const CgroupDir& dir : paths.v1) view.entries.push_back(entry_of(dir, cgroup_namespace));
  for (const CgroupDir& dir : paths.v2) view.entries.push_back(entry_of(dir, cgroup_namespace));
  for (const CgroupDir& dir : paths.v1) add_links(dir, view);
  return view;
}

}  // namespace brig
