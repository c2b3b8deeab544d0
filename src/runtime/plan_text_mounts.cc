#include <sys/mount.h>
#include <sys/stat.h>

#include "base/match.h"
#include "runtime/plan_text_sections.h"

namespace brig::runtime {

namespace {

struct AttributeName {
  std::uint64_t bit;
  std::string_view set, cleared;
};
// MOUNT_ATTR_*, by the words that mounts[].options has for them.
constexpr AttributeName kAttributes[] = {{0x1, "ro", "rw"},
                                         {0x2, "nosuid", "suid"},
                                         {0x4, "nodev", "dev"},
                                         {0x8, "noexec", "exec"},
                                         {0x80, "nodiratime", "diratime"},
                                         {0x200000, "nosymfollow", "symfollow"}};
constexpr std::uint64_t kAtimeField = 0x70, kNoAtime = 0x10, kStrictAtime = 0x20;

std::string_view propagation_name(std::uint64_t type) {
  switch (type) {
    case MS_SHARED:
      return "shared";
    case MS_SLAVE:
      return "slave";
    case MS_PRIVATE:
      return "private";
    case MS_UNBINDABLE:
      return "unbindable";
    default:
      return "propagation?";
  }
}

// The access time is one field of three values: 0 is relatime, and clearing leads there.
std::string_view access_time_name(const MountAttributes& attributes) {
  switch (attributes.set & kAtimeField) {
    case kNoAtime:
      return "noatime";
    case kStrictAtime:
      return "strictatime";
    default:
      return (attributes.clear & kAtimeField) != 0 ? "relatime" : "";
  }
}

std::string attribute_words(const MountAttributes& attributes) {
  std::vector<std::string_view> words;
  for (const AttributeName& name : kAttributes) {
    if ((attributes.set & name.bit) != 0) words.push_back(name.set);
    if ((attributes.clear & name.bit) != 0) words.push_back(name.cleared);
  }
  if (const std::string_view time = access_time_name(attributes); !time.empty())
    words.push_back(time);
  if (attributes.propagation != 0) words.push_back(propagation_name(attributes.propagation));
  return join(words, " ");
}

std::string parameter_words(const std::vector<FsParameter>& parameters) {
  std::vector<std::string> words;
  for (const FsParameter& parameter : parameters)
    words.push_back(parameter.is_flag ? plain_or_quoted(parameter.key)
                                      : cat(parameter.key, "=", plain_or_quoted(parameter.value)));
  return join(words, " ");
}

std::string describe_filesystem(const NewFilesystem& fs) {
  std::string text = cat("new ", plain_or_quoted(fs.type));
  const std::string attributes = attribute_words({.set = fs.attributes});
  if (!attributes.empty()) append(text, cat(", ", attributes));
  if (!fs.parameters.empty()) append(text, cat("; ", parameter_words(fs.parameters)));
  if (fs.tmp_copy_up) append(text, "; filled with what it covers");
  if (fs.inherit_mode) append(text, "; mode and owner of what it covers");
  if (fs.read_only_last) append(text, "; in the end ro");
  return text;
}

std::string describe_what(const MountPlan& plan, const MountStep& step) {
  return std::visit(
      match{[](const NewFilesystem& fs) { return describe_filesystem(fs); },
            [&](const TreeSlot& slot) {
              return cat("tree ", slot.index, ", ", plain_or_quoted(plan.trees[slot.index].source));
            },
            [](const Remount& remount) {
              const std::string words = attribute_words(remount.attributes);
              return cat("becomes ", words.empty() ? "what it is" : words);
            },
            [](const CopiedLink& link) { return cat("link to ", plain_or_quoted(link.target)); }},
      step.what);
}

bool is_attached(const MountStep& step) {
  return std::holds_alternative<NewFilesystem>(step.what) ||
         std::holds_alternative<TreeSlot>(step.what);
}

std::string map_words(std::string_view kind, const std::vector<IdRange>& ranges) {
  std::string text;
  for (const IdRange& range : ranges)
    append(text, cat(" ", kind, " ", range.container_id, "+", range.size, " as ", range.host_id));
  return text;
}

std::string id_words(const MountIds& ids) {
  const std::string_view depth = ids.recursive ? "; everywhere below shows" : "; shows";
  if (ids.of_joined_namespace) return cat(depth, " ids as the user namespace to join maps them");
  return cat(depth, map_words("uid", ids.uids), map_words("gid", ids.gids));
}

// A clone that stays in the peer group of the host's mount is the exception, and a hole: it is
// the one that is said.
std::string describe_tree(const HostTree& tree) {
  std::string text = plain_or_quoted(tree.source);
  if (tree.recursive) append(text, " and all mounts below it");
  if (!tree.follow) append(text, ", itself if it is a link");
  if (!tree.attributes.empty()) append(text, cat("; ", attribute_words(tree.attributes)));
  if (!tree.recursive_attributes.empty())
    append(text, cat("; ", tree.recursive ? "all of them " : "",
                     attribute_words(tree.recursive_attributes)));
  if (tree.ids) append(text, id_words(*tree.ids));
  if (tree.shared_with_host) append(text, "; SHARED with the host");
  return text;
}

std::string_view device_kind(std::uint32_t mode) {
  if (S_ISBLK(mode)) return "block device";
  return S_ISFIFO(mode) ? "fifo" : "character device";
}

std::string describe_node(const DeviceNode& node) {
  std::string text = cat(device_kind(node.mode), " ");
  if (!S_ISFIFO(node.mode)) append(text, cat(node.major, ":", node.minor, ", "));
  append(text, cat("mode ", octal(node.mode & 07777)));
  if (node.uid != 0 || node.gid != 0) append(text, cat(", owner ", node.uid, ":", node.gid));
  return text;
}

}  // namespace

void add_host_trees(Outline& out, const MountPlan& plan) {
  out.title(plan.cloned_by_init ? "trees of the host, cloned by init in its own mount namespace"
                                : "trees of the host, cloned while its paths can be named");
  for (std::size_t i = 0; i < plan.trees.size(); ++i)
    out.line(i, ": ", describe_tree(plan.trees[i]), " (", plan.trees[i].json_path, ")");
}

void add_mounts(Outline& out, const MountPlan& plan) {
  out.title("mounts, made detached and attached in this order");
  for (const MountStep& step : plan.steps) {
    std::string text = cat(plain_or_quoted(step.target.text), ": ", describe_what(plan, step));
    if (step.propagation != 0 && is_attached(step))
      append(text, cat("; then ", step.recursive_propagation ? "r" : "",
                       propagation_name(step.propagation)));
    if (!step.follow_target) append(text, "; no link on the way");
    if (step.covers_link) append(text, "; a link there is covered");
    if (step.may_cover_proc) append(text, "; inside procfs");
    out.line(text, " (", step.json_path, ")");
  }
}

void add_restrictions(Outline& out, const MountPlan& plan) {
  out.title("read-only paths");
  for (const ContainerPath& path : plan.readonly) out.line(plain_or_quoted(path.text));
  out.title(cat("masked paths: files by tree ", plan.null_device.index,
                ", directories by an empty tmpfs"));
  for (const ContainerPath& path : plan.masked) out.line(plain_or_quoted(path.text));
  out.title("the root itself");
  const RootPlan& root = plan.root;
  if (root.propagation != 0)
    out.line("becomes ", root.recursive_propagation ? "r" : "", propagation_name(root.propagation));
  if (root.readonly && root.change != RootChange::ChrootOnly) out.line("becomes ro");
}

void add_devices(Outline& out, const DevicePlan& plan) {
  out.title("devices");
  for (const DeviceNode& node : plan.nodes)
    if (!node.bound_from_host)
      out.line(plain_or_quoted(node.path.text), ": ", describe_node(node), " (", node.json_path,
               ")");
  out.title("links");
  for (const DeviceLink& link : plan.links)
    out.line(link.path.text, " -> ", link.target, link.replace ? ", in place of a file" : "");
}

}  // namespace brig::runtime
