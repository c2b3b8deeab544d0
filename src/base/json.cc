#include "base/json.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/json_input.h"
#include "base/utf8.h"

namespace brig::json {
namespace {

// What a configuration never needs, and a hostile one would use to eat memory: a Node is a
// hundred bytes, so "[1,1,1,..." grows fifty-fold.
constexpr std::size_t kMaxBytes = std::size_t{16} << 20;
constexpr std::size_t kMaxValues = std::size_t{1} << 18;
constexpr std::size_t kMaxDepth = 128;

using Members = std::vector<Node::Member>;

bool has_duplicate_keys(const Members& members) {
  if (members.size() <= 16) {
    for (auto a = members.begin(); a != members.end(); ++a)
      for (auto b = members.begin(); b != a; ++b)
        if (a->key == b->key) return true;
    return false;
  }
  std::vector<std::string_view> keys;
  keys.reserve(members.size());
  for (const auto& [key, value] : members) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) != keys.end();
}

void keep_last_duplicates(Members& members) {
  if (!has_duplicate_keys(members)) return;
  std::set<std::string> seen;
  const auto kept = std::remove_if(members.rbegin(), members.rend(), [&](const auto& member) {
    return !seen.insert(member.key).second;
  });
  members.erase(members.begin(), kept.base());
}

// Receives RapidJSON's events, whose names are not ours to choose, and builds the tree from the
// leaves up: finished values wait on a stack until the end of their container is seen, which
// then takes as many as it has, in one allocation of the right size.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view source, const Input& input) : source_(source), input_(input) {
    values_.reserve(64);
    keys_.reserve(64);
  }

  bool Null() { return push(Kind::Null, input_.position() - 4) != nullptr; }
  bool Bool(bool flag) {
    Node* node = push(Kind::Bool, input_.position() - (flag ? 4 : 5));
    if (node != nullptr) node->boolean = flag;
    return node != nullptr;
  }
  bool Int(int number) { return Int64(number); }
  bool Uint(unsigned number) { return Uint64(number); }
  bool Int64(std::int64_t number) {
    const auto bits = static_cast<std::uint64_t>(number);
    return number < 0 ? push_integer(~bits + 1, true) : push_integer(bits, false);
  }
  bool Uint64(std::uint64_t number) { return push_integer(number, false); }
  bool Double(double /*number*/) {
    const std::size_t begin = begin_of_number();
    Node* node = push(Kind::Real, begin);
    if (node != nullptr) node->text = source_.substr(begin, input_.position() - begin);
    return node != nullptr;
  }
  bool RawNumber(const char* /*text*/, unsigned /*size*/, bool /*copy*/) { return false; }
  bool String(const char* text, unsigned size, bool /*copy*/) {
    Node* node = push(Kind::String, static_cast<std::size_t>(text - input_.head_) - 1);
    if (node != nullptr) node->text.assign(text, size);
    return node != nullptr && admit_text(node->text);
  }

  bool StartObject() { return open_container(); }
  bool Key(const char* text, unsigned size, bool /*copy*/) {
    keys_.emplace_back(text, size);
    return admit_text(keys_.back());
  }
  bool EndObject(unsigned count) {
    Node node = close_container(Kind::Object);
    auto key = keys_.end() - count;
    node.members.reserve(count);
    for (auto value = values_.end() - count; value != values_.end(); ++value, ++key)
      node.members.emplace_back(std::move(*key), std::move(*value));
    keys_.erase(keys_.end() - count, keys_.end());
    keep_last_duplicates(node.members);
    return replace_last(count, std::move(node));
  }
  bool StartArray() { return open_container(); }
  bool EndArray(unsigned count) {
    Node node = close_container(Kind::Array);
    node.items.assign(std::make_move_iterator(values_.end() - count),
                      std::make_move_iterator(values_.end()));
    return replace_last(count, std::move(node));
  }

  [[nodiscard]] Node take() { return std::move(values_.back()); }
  // Why an event was refused, when one was.
  [[nodiscard]] std::string_view refusal() const { return refusal_; }

 private:
  // Events come at the end of a number.
  [[nodiscard]] std::size_t begin_of_number() const {
    return source_.substr(0, input_.position()).find_last_not_of("+-.0123456789Ee") + 1;
  }
  // RapidJSON lets the second half of a surrogate pair stand alone ("\udc00"), as ED B0 80.
  bool admit_text(std::string_view text) {
    for (std::size_t at = text.find('\xED'); at != text.npos; at = text.find('\xED', at + 1))
      if (utf8::sequence_length(text.substr(at)) == 0) refusal_ = "half of a surrogate pair";
    return refusal_.empty();
  }
  bool admit_value() {
    if (++count_ > kMaxValues) refusal_ = "more than 262144 values";
    return refusal_.empty();
  }
  Node* push(Kind kind, std::size_t offset) {
    if (!admit_value()) return nullptr;
    Node& node = values_.emplace_back();
    node.kind = kind;
    node.offset = offset;
    return &node;
  }
  bool push_integer(std::uint64_t magnitude, bool negative) {
    Node* node = push(Kind::Integer, begin_of_number());
    if (node == nullptr) return false;
    node->magnitude = magnitude;
    node->negative = negative;
    return true;
  }
  // A bracket is reported before it is consumed.
  bool open_container() {
    if (open_.size() == kMaxDepth) refusal_ = "nested deeper than 128 levels";
    open_.push_back(input_.position());
    return admit_value();
  }
  Node close_container(Kind kind) {
    Node node;
    node.kind = kind;
    node.offset = open_.back();
    open_.pop_back();
    return node;
  }
  bool replace_last(unsigned count, Node&& container) {
    values_.erase(values_.end() - count, values_.end());
    values_.push_back(std::move(container));
    return true;
  }

  std::string_view source_;
  const Input& input_;
  std::vector<Node> values_;       // finished, and not yet part of their container
  std::vector<std::string> keys_;  // of those that are members
  std::vector<std::size_t> open_;  // where the open brackets stand
  std::size_t count_ = 0;
  std::string_view refusal_;
};

std::string_view explain(rapidjson::ParseErrorCode code) {
  switch (code) {
    case rapidjson::kParseErrorDocumentEmpty:
    case rapidjson::kParseErrorValueInvalid:
      return "expected a value";
    case rapidjson::kParseErrorDocumentRootNotSingular:
      return "text after the end of the value";
    case rapidjson::kParseErrorObjectMissName:
      return "expected a member name in double quotes";
    case rapidjson::kParseErrorObjectMissColon:
      return "expected ':'";
    case rapidjson::kParseErrorObjectMissCommaOrCurlyBracket:
      return "expected ',' or '}'";
    case rapidjson::kParseErrorArrayMissCommaOrSquareBracket:
      return "expected ',' or ']'";
    case rapidjson::kParseErrorStringUnicodeEscapeInvalidHex:
      return "expected four hex digits";
    case rapidjson::kParseErrorStringUnicodeSurrogateInvalid:
      return "half of a surrogate pair";
    case rapidjson::kParseErrorStringEscapeInvalid:
      return "invalid escape in a string";
    case rapidjson::kParseErrorStringMissQuotationMark:
      return "unterminated string";
    case rapidjson::kParseErrorStringInvalidEncoding:
      return "invalid UTF-8";
    case rapidjson::kParseErrorNumberTooBig:
      return "number out of range";
    case rapidjson::kParseErrorNumberMissFraction:
      return "expected a digit";
    case rapidjson::kParseErrorNumberMissExponent:
      return "expected a digit";
    case rapidjson::kParseErrorNone:
    case rapidjson::kParseErrorTermination:
    case rapidjson::kParseErrorUnspecificSyntaxError:
      break;
  }
  return "syntax error";
}

std::unexpected<Error> fail_at(std::string_view source, std::size_t offset, std::string_view what) {
  const Position at = position_of(source, offset);
  return fail(Errc::BadConfig, cat(at.line, ":", at.column, ": ", what));
}

// Some causes RapidJSON does not tell apart; the byte at which it stopped does.
std::unexpected<Error> fail_syntax(std::string_view source, const rapidjson::ParseResult& result,
                                   std::size_t stopped_at) {
  const bool number = result.Code() == rapidjson::kParseErrorNumberTooBig;
  if (source.find_first_not_of(" \t\r\n") == source.npos) return fail_at(source, 0, "empty file");
  if (stopped_at == source.size() && !number)
    return fail_at(source, stopped_at, "unexpected end of file");
  const auto stopper =
      static_cast<unsigned char>(source[std::min(result.Offset(), source.size() - 1)]);
  if (result.Code() == rapidjson::kParseErrorStringEscapeInvalid && stopper < 0x20)
    return fail_at(source, result.Offset(), "control character in a string");
  return fail_at(source, result.Offset(), explain(result.Code()));
}

}  // namespace

const Node* Node::find(std::string_view key) const {
  for (const auto& [name, value] : members)
    if (name == key) return &value;
  return nullptr;
}

Result<Node> parse(std::string_view source) {
  if (source.size() > kMaxBytes) return fail_at(source, 0, "larger than 16 MiB");
  if (source.starts_with("\xEF\xBB\xBF"))
    return fail_at(source, 0, "starts with a byte order mark; save it as UTF-8 without one");

  std::string bytes;
  bytes.reserve(source.size() + kLongestSequence);
  bytes.append(source).append(kLongestSequence, '\0');
  Input input(bytes.data());
  TreeBuilder tree(source, input);
  rapidjson::GenericReader<Utf8, Utf8> reader;
  constexpr unsigned kFlags = rapidjson::kParseIterativeFlag | rapidjson::kParseInsituFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(input, tree);

  const std::size_t end = input.position();
  if (!tree.refusal().empty()) return fail_at(source, end, tree.refusal());
  // RapidJSON takes a NUL for the end of its input.
  if (end < source.size() && source[end] == '\0') return fail_at(source, end, "NUL byte");
  if (result.IsError()) return fail_syntax(source, result, end);
  return tree.take();
}

}  // namespace brig::json
