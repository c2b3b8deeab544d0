#include "runtime/mount_ids.h"

#include <algorithm>

#include "linux/ids/apply.h"

namespace brig::runtime {

namespace {

bool have_same_maps(const MountIds& a, const MountIds& b) {
  return a.uids == b.uids && a.gids == b.gids && a.of_joined_namespace == b.of_joined_namespace;
}

// A tree before the `count`th with the same maps, whose namespace serves both; else `count`.
std::size_t find_same(const std::vector<HostTree>& trees, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    if (trees[i].ids && have_same_maps(*trees[i].ids, *trees[count].ids)) return i;
  return count;
}

}  // namespace

Result<MountIdNamespaces> open_mount_id_namespaces(const MountPlan& plan, FdRef joined_user) {
  MountIdNamespaces namespaces;
  const auto is_mapped = [](const HostTree& tree) { return tree.ids.has_value(); };
  if (std::ranges::none_of(plan.trees, is_mapped)) return namespaces;
  namespaces.of_tree.assign(plan.trees.size(), FdRef::none());
  for (std::size_t i = 0; i < plan.trees.size(); ++i) {
    const HostTree& tree = plan.trees[i];
    if (!tree.ids) continue;
    const std::size_t same = find_same(plan.trees, i);
    if (same != i) {
      namespaces.of_tree[i] = namespaces.of_tree[same];
    } else if (tree.ids->of_joined_namespace) {
      namespaces.of_tree[i] = joined_user;
    } else {
      Fd made = TRY_DOING(make_user_namespace({.uids = tree.ids->uids, .gids = tree.ids->gids}),
                          tree.json_path, ": map ids");
      namespaces.of_tree[i] = made;
      namespaces.made.push_back(std::move(made));
    }
  }
  return namespaces;
}

}  // namespace brig::runtime
