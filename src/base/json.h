// Reading and writing JSON. The reader (RapidJSON behind it) yields a tree of Nodes, each with
// the byte offset at which its value starts, so that an error can name line and column.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace brig::json {

enum class Kind : std::uint8_t { Null, Bool, Integer, Real, String, Array, Object };

struct Node {
  Kind kind = Kind::Null;
  bool boolean = false;
  bool negative = false;        // Integer: the sign; magnitude holds the rest
  std::uint64_t magnitude = 0;  // Integer
  std::string text;             // String: the value; Real: as written
  std::vector<Node> items;      // Array
  struct Member;
  std::vector<Member> members;  // Object, in order, last duplicate kept
  std::size_t offset = 0;       // of the value's first byte in the source

  [[nodiscard]] const Node* find(std::string_view key) const;  // Object member or nullptr
};

// Not a std::pair: clang looks into that before Node is complete.
struct Node::Member {
  std::string key;
  Node value;
};

struct Position {
  std::size_t line = 1, column = 1;  // both from 1; the column counts bytes
};

// Strict RFC 8259: no comments, no trailing commas, valid UTF-8, nesting up to 128 levels,
// exactly one value; at most 16 MiB and 262144 values. The error says "LINE:COLUMN: what" and
// has Errc::BadConfig.
Result<Node> parse(std::string_view source);

Position position_of(std::string_view source, std::size_t offset);

// Where the value at a path such as "process.rlimits[0].type" or "annotations["a.b"]" stands in
// the source. A path that leads nowhere yields the deepest part of it that exists.
Position locate(std::string_view source, std::string_view path);
std::size_t offset_of(const Node& root, std::string_view path);

// Appends JSON text. Commas, indentation and escaping are its business:
//   Writer w(Writer::Pretty{2}); w.begin_object(); w.key("id"); w.value("web"); w.end_object();
class Writer {
 public:
  struct Pretty {
    int spaces = 2;  // per level; 0 with tab=false is compact
    bool tab = false;
  };
  Writer() = default;  // compact
  explicit Writer(Pretty style) : style_(style), pretty_(style.tab || style.spaces > 0) {}

  void begin_object();
  void end_object();
  void begin_array();
  void end_array();
  void key(std::string_view name);
  void value(std::string_view text);
  void value(const char* text) { value(std::string_view(text)); }
  void value(bool flag);
  void value(std::int64_t number);
  void value(std::uint64_t number);
  void value(int number) { value(static_cast<std::int64_t>(number)); }
  void value(std::uint32_t number) { value(static_cast<std::uint64_t>(number)); }
  void value(const Node& tree);  // all that was read
  void null();

  template <class T>
  void member(std::string_view name, const T& v) {
    key(name);
    value(v);
  }
  template <class Range>
  void strings(std::string_view name, const Range& range) {
    key(name);
    begin_array();
    for (const auto& item : range) value(std::string_view(item));
    end_array();
  }

  [[nodiscard]] const std::string& text() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void before_value();
  void open_bracket(char bracket);
  void close_bracket(char bracket);
  void newline();

  std::string out_;
  Pretty style_{};
  bool pretty_ = false;
  bool after_key_ = false;
  bool first_ = true;
  std::size_t depth_ = 0;
};

}  // namespace brig::json
