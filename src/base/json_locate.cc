// From a place in the tree back to a place in the text.
#include <algorithm>
#include <charconv>

#include "base/json.h"

namespace brig::json {
namespace {

bool ends_step(std::string_view path, std::size_t length) {
  return path.size() == length || path[length] == '.' || path[length] == '[';
}

// ".key", or "key" at the very start. A key may itself contain dots: the longest that fits wins.
const Node* step_to_member(const Node& node, std::string_view& path) {
  const std::string_view rest = path.starts_with('.') ? path.substr(1) : path;
  const Node::Member* best = nullptr;
  for (const auto& member : node.members) {
    const std::string_view key = member.key;
    if (best != nullptr && best->key.size() >= key.size()) continue;
    if (rest.starts_with(key) && ends_step(rest, key.size())) best = &member;
  }
  if (best == nullptr) return nullptr;
  path = rest.substr(best->key.size());
  return &best->value;
}

// ["key"]
const Node* step_to_quoted_member(const Node& node, std::string_view& path) {
  const std::string_view rest = path.substr(2);
  for (const auto& [key, value] : node.members) {
    if (!rest.starts_with(key) || !rest.substr(key.size()).starts_with("\"]")) continue;
    path = rest.substr(key.size() + 2);
    return &value;
  }
  return nullptr;
}

// [7]
const Node* step_to_item(const Node& node, std::string_view& path) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(path.data() + 1, path.data() + path.size(), index);
  if (error != std::errc{} || index >= node.items.size()) return nullptr;
  path.remove_prefix(std::min(path.size(), static_cast<std::size_t>(end - path.data()) + 1));
  return &node.items[index];
}

const Node* step(const Node& node, std::string_view& path) {
  if (path.starts_with("[\"")) return step_to_quoted_member(node, path);
  if (path.starts_with('[')) return step_to_item(node, path);
  return step_to_member(node, path);
}

}  // namespace

std::size_t offset_of(const Node& root, std::string_view path) {
  const Node* deepest = &root;
  while (!path.empty()) {
    const Node* next = step(*deepest, path);
    if (next == nullptr) break;
    deepest = next;
  }
  return deepest->offset;
}

Position position_of(std::string_view source, std::size_t offset) {
  const std::string_view before = source.substr(0, offset);
  const auto newlines = std::count(before.begin(), before.end(), '\n');
  const std::size_t last = before.rfind('\n');
  return {.line = static_cast<std::size_t>(newlines) + 1,
          .column = last == before.npos ? before.size() + 1 : before.size() - last};
}

Position locate(std::string_view source, std::string_view path) {
  const Result<Node> root = parse(source);
  return root ? position_of(source, offset_of(*root, path)) : Position{};
}

}  // namespace brig::json
