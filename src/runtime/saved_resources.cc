#include "runtime/saved_resources.h"

#include <utility>
#include <vector>

#include "base/json.h"
#include "container/store.h"
#include "spec/load.h"
#include "spec/write_resources.h"

namespace brig::runtime {

namespace {

using json::Kind;
using json::Node;

// The member, made if it is not there.
Node& member_of(Node& object, std::string_view key) {
  if (object.kind != Kind::Object) object = Node{.kind = Kind::Object};
  for (Node::Member& member : object.members)
    if (member.key == key) return member.value;
  object.members.push_back({.key = std::string(key), .value = {}});
  return object.members.back().value;
}

}  // namespace

Result<spec::Resources> saved_resources(std::string_view config) {
  spec::Spec spec = TRY(spec::load_saved_spec({.name = kConfigFile, .bytes = config}));
  return spec.linux_ ? std::move(spec.linux_->resources) : spec::Resources{};
}

Result<std::string> with_resources(std::string_view config, const spec::Resources& resources) {
  Node root = TRY_DOING(json::parse(config), kConfigFile);
  Node changed = TRY(json::parse(spec::resources_json(resources)));
  member_of(member_of(root, "linux"), "resources") = std::move(changed);
  json::Writer writer;
  writer.value(root);
  return writer.take();
}

}  // namespace brig::runtime
