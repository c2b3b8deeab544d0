#include "base/json.h"
#include "base/utf8.h"

namespace brig::json {
namespace {

void append_escaped(std::string& out, char c) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20)
    append(out, cat("\\u00", kHex[byte >> 4], kHex[byte & 15]));
  else
    out += c;
}

// Text from the outside (a path, an annotation) need not be UTF-8; what is written must be, or
// nobody could read it back. As Go does, a byte that is not part of any character becomes U+FFFD.
void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const std::size_t length = utf8::sequence_length(text);
    if (length == 0)
      out += "\\ufffd";
    else if (length == 1)
      append_escaped(out, text.front());
    else
      out += text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  out += '"';
}

}  // namespace

void Writer::newline() {
  if (!pretty_) return;
  out_ += '\n';
  if (style_.tab)
    out_.append(depth_, '\t');
  else
    out_.append(depth_ * static_cast<std::size_t>(style_.spaces), ' ');
}

void Writer::before_value() {
  if (!after_key_ && depth_ > 0) {
    if (!first_) out_ += ',';
    newline();
  }
  after_key_ = false;
  first_ = false;
}

void Writer::open_bracket(char bracket) {
  before_value();
  out_ += bracket;
  ++depth_;
  first_ = true;
}

void Writer::close_bracket(char bracket) {
  --depth_;
  if (!first_) newline();
  out_ += bracket;
  first_ = false;
}

void Writer::begin_object() {
  open_bracket('{');
}
void Writer::end_object() {
  close_bracket('}');
}
void Writer::begin_array() {
  open_bracket('[');
}
void Writer::end_array() {
  close_bracket(']');
}

void Writer::key(std::string_view name) {
  before_value();
  append_quoted(out_, name);
  out_ += pretty_ ? ": " : ":";
  after_key_ = true;
}

void Writer::value(std::string_view text) {
  before_value();
  append_quoted(out_, text);
}

void Writer::value(bool flag) {
  before_value();
  out_ += flag ? "true" : "false";
}

void Writer::value(std::int64_t number) {
  before_value();
  append(out_, number);
}

void Writer::value(std::uint64_t number) {
  before_value();
  append(out_, number);
}

void Writer::value(const Node& tree) {
  switch (tree.kind) {
    case Kind::Null:
      return null();
    case Kind::Bool:
      return value(tree.boolean);
    case Kind::Integer:
      before_value();
      return append(out_, cat(tree.negative ? "-" : "", tree.magnitude));
    case Kind::Real:
      before_value();
      return append(out_, tree.text);
    case Kind::String:
      return value(std::string_view(tree.text));
    case Kind::Array:
      begin_array();
      for (const Node& item : tree.items) value(item);
      return end_array();
    case Kind::Object:
      begin_object();
      for (const Node::Member& each : tree.members) member(each.key, each.value);
      return end_object();
  }
  std::unreachable();
}

void Writer::null() {
  before_value();
  out_ += "null";
}

}  // namespace brig::json
