#include "linux/cgroup/systemd/message.h"

#include <algorithm>
#include <utility>

namespace brig {

namespace {

// The specification's limit is 128 MiB. Signals about other units we read past, however long;
// what is taken apart is short.
constexpr std::size_t kLongestMessage = std::size_t{4} << 20;
constexpr std::size_t kLongestPart = std::size_t{64} << 10;
constexpr int kDeepest = 16;

enum HeaderField : std::uint8_t {
  kPath = 1,
  kInterface,
  kMember,
  kErrorName,
  kReplySerial,
  kDestination,
  kSender,
  kSignature
};

std::size_t alignment_of(char type) {
  switch (type) {
    case 'n':
    case 'q':
      return 2;
    case 'b':
    case 'i':
    case 'u':
    case 'h':
    case 's':
    case 'o':
    case 'a':
      return 4;
    case 'x':
    case 't':
    case 'd':
    case '(':
    case '{':
      return 8;
    default:
      return 1;  // y, g, v
  }
}

// 0 for what is no number.
std::size_t size_of_number(char type) {
  return type != 's' && type != 'o' && type != 'a' && type != '(' && type != '{' &&
                 std::string_view("ynqbiuhxtd").contains(type)
             ? alignment_of(type)
             : 0;
}

// ---- out -------------------------------------------------------------------------------------

class Encoder {
 public:
  void pad(std::size_t alignment) {
    while (out_.size() % alignment != 0) out_ += '\0';
  }

  void number(std::uint64_t value, std::size_t size) {
    pad(size);
    for (std::size_t i = 0; i < size; ++i) out_ += static_cast<char>(value >> (8 * i));
  }

  void text(std::string_view value, std::size_t size_of_length) {
    number(value.size(), size_of_length);
    out_ += value;
    out_ += '\0';
  }

  void value(const DbusValue& value) {
    const char type = value.signature[0];
    if (const std::size_t size = size_of_number(type); size != 0) return number(value.number, size);
    if (type == 's' || type == 'o') return text(value.text, 4);
    if (type == 'g') return text(value.text, 1);
    if (type == 'a') return array(value);
    if (type == 'v')
      text(value.items[0].signature, 1);
    else
      pad(8);  // a structure or an entry of a dictionary
    for (const DbusValue& item : value.items) this->value(item);
  }

  void header_field(std::uint8_t field, const DbusValue& value) {
    pad(8);
    number(field, 1);
    this->value(dbus::variant(value));
  }

  // Writes the length of what follows once it is known.
  [[nodiscard]] std::size_t reserve_length() {
    number(0, 4);
    return out_.size() - 4;
  }
  void set_length(std::size_t place, std::size_t length) {
    for (std::size_t i = 0; i < 4; ++i) out_[place + i] = static_cast<char>(length >> (8 * i));
  }

  [[nodiscard]] std::size_t size() const { return out_.size(); }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  // The length does not count the padding in front of the first item, which is there even when
  // there is no item.
  void array(const DbusValue& value) {
    const std::size_t length = reserve_length();
    pad(alignment_of(value.signature[1]));
    const std::size_t begin = out_.size();
    for (const DbusValue& item : value.items) this->value(item);
    set_length(length, out_.size() - begin);
  }

  std::string out_;
};

std::string encode_body(const std::vector<DbusValue>& arguments) {
  Encoder encoder;
  for (const DbusValue& argument : arguments) encoder.value(argument);
  return encoder.take();
}

// ---- in --------------------------------------------------------------------------------------

std::unexpected<Error> malformed(std::string_view what) {
  return fail(Errc::Protocol, cat("a malformed D-Bus message: ", what));
}

// Takes one complete type off the front of a signature; empty when there is none.
std::string_view take_type(std::string_view& signature, int depth = 0) {
  const std::string_view whole = signature;
  if (whole.empty() || depth > kDeepest) return {};
  const char type = whole[0];
  signature.remove_prefix(1);
  if (type == 'a') {
    if (take_type(signature, depth + 1).empty()) return {};
  } else if (type == '(' || type == '{') {
    const char end = type == '(' ? ')' : '}';
    while (!signature.empty() && signature[0] != end)
      if (take_type(signature, depth + 1).empty()) return {};
    if (signature.empty() || whole.size() - signature.size() == 1) return {};
    signature.remove_prefix(1);
  } else if (size_of_number(type) == 0 && !std::string_view("sogv").contains(type)) {
    return {};
  }
  return whole.substr(0, whole.size() - signature.size());
}

class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : bytes_(bytes) {}

  Result<> pad(std::size_t alignment) {
    const std::size_t aligned = (at_ + alignment - 1) / alignment * alignment;
    if (aligned > bytes_.size()) return malformed("it ends too early");
    at_ = aligned;
    return {};
  }

  Result<std::uint64_t> number(std::size_t size) {
    TRY(pad(size));
    if (bytes_.size() - at_ < size) return malformed("it ends too early");
    std::uint64_t value = 0;
    for (std::size_t i = size; i > 0; --i)
      value = value << 8 | static_cast<std::uint8_t>(bytes_[at_ + i - 1]);
    at_ += size;
    return value;
  }

  Result<std::string> text(std::size_t size_of_length) {
    const std::uint64_t length = TRY(number(size_of_length));
    if (bytes_.size() - at_ <= length) return malformed("a text is longer than the message");
    std::string value(bytes_.substr(at_, length));
    if (bytes_[at_ + length] != '\0' || value.contains('\0')) return malformed("a text has no end");
    at_ += length + 1;
    return value;
  }

  // `signature` is one complete type.
  Result<DbusValue> value(std::string_view signature, int depth = 0) {
    if (depth > kDeepest) return malformed("it nests too deeply");
    DbusValue made{.signature = std::string(signature)};
    const char type = signature[0];
    if (const std::size_t size = size_of_number(type); size != 0)
      made.number = TRY(number(size));
    else if (type == 's' || type == 'o' || type == 'g')
      made.text = TRY(text(type == 'g' ? 1 : 4));
    else if (type == 'a')
      made.items = TRY(array(signature.substr(1), depth));
    else if (type == 'v')
      made.items = TRY(variant(depth));
    else
      made.items = TRY(structure(signature.substr(1, signature.size() - 2), depth));
    return made;
  }

  Result<std::vector<DbusValue>> sequence(std::string_view signature, int depth = 0) {
    std::vector<DbusValue> values;
    while (!signature.empty()) {
      const std::string_view type = take_type(signature);
      if (type.empty()) return malformed("a signature is wrong");
      DbusValue item = TRY(value(type, depth));
      values.push_back(std::move(item));
    }
    return values;
  }

  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  Result<std::vector<DbusValue>> array(std::string_view of, int depth) {
    const std::uint64_t length = TRY(number(4));
    TRY(pad(alignment_of(of[0])));
    if (bytes_.size() - at_ < length) return malformed("an array is longer than the message");
    const std::size_t end = at_ + length;
    std::vector<DbusValue> items;
    while (at_ < end) {
      DbusValue item = TRY(value(of, depth + 1));
      items.push_back(std::move(item));
    }
    if (at_ != end) return malformed("an array's length is wrong");
    return items;
  }

  Result<std::vector<DbusValue>> variant(int depth) {
    const std::string signature = TRY(text(1));
    std::string_view rest = signature;
    if (take_type(rest).empty() || !rest.empty()) return malformed("a variant's type is wrong");
    return sequence(signature, depth + 1);
  }

  Result<std::vector<DbusValue>> structure(std::string_view members, int depth) {
    TRY(pad(8));
    return sequence(members, depth + 1);
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

void take_header_field(const DbusValue& field, DbusMessage& message) {
  const DbusValue& value = field.items[1].items[0];
  switch (field.items[0].number) {
    case kPath:
      message.path = value.text;
      break;
    case kInterface:
      message.interface = value.text;
      break;
    case kMember:
      message.member = value.text;
      break;
    case kErrorName:
      message.error = value.text;
      break;
    case kReplySerial:
      message.reply_to = static_cast<std::uint32_t>(value.number);
      break;
    case kSender:
      message.sender = value.text;
      break;
    case kSignature:
      message.signature = value.text;
      break;
    default:
      break;  // to be ignored, says the specification
  }
}

struct Lengths {
  std::size_t fields = 0, body = 0;
  [[nodiscard]] std::size_t header() const { return (kDbusFixedHeader + fields + 7) / 8 * 8; }
};

Result<Lengths> lengths_of(std::string_view beginning) {
  if (beginning.size() < kDbusFixedHeader) return malformed("it ends too early");
  if (beginning[0] != 'l') return malformed("it is not little endian");
  if (beginning[3] != 1) return malformed("it is not of protocol version 1");
  Decoder decoder(beginning.substr(0, kDbusFixedHeader));
  TRY(decoder.number(4));
  const std::uint64_t body = TRY(decoder.number(4));
  TRY(decoder.number(4));
  const std::uint64_t fields = TRY(decoder.number(4));
  if (fields > kLongestPart || body > kLongestMessage)
    return malformed(cat("its ", body + fields, " bytes are too many"));
  return Lengths{.fields = fields, .body = body};
}

}  // namespace

std::string encode_call(const DbusCall& call, std::uint32_t serial) {
  std::string signature;
  for (const DbusValue& argument : call.arguments) signature += argument.signature;
  const std::string body = encode_body(call.arguments);
  Encoder encoder;
  encoder.number('l', 1);
  encoder.number(static_cast<std::uint8_t>(DbusType::Call), 1);
  encoder.number(0, 1);  // no flags
  encoder.number(1, 1);  // version of the protocol
  encoder.number(body.size(), 4);
  encoder.number(serial, 4);
  const std::size_t length = encoder.reserve_length();
  encoder.header_field(kPath, {.signature = "o", .text = call.path});
  encoder.header_field(kInterface, dbus::text(call.interface));
  encoder.header_field(kMember, dbus::text(call.member));
  encoder.header_field(kDestination, dbus::text(call.destination));
  if (!signature.empty()) encoder.header_field(kSignature, {.signature = "g", .text = signature});
  encoder.set_length(length, encoder.size() - kDbusFixedHeader);
  encoder.pad(8);
  return encoder.take() + body;
}

Result<std::size_t> dbus_message_size(std::string_view beginning) {
  const Lengths lengths = TRY(lengths_of(beginning));
  return lengths.header() + lengths.body;
}

Result<DbusMessage> decode_message(std::string_view bytes) {
  const Lengths lengths = TRY(lengths_of(bytes));
  if (bytes.size() != lengths.header() + lengths.body) return malformed("its length is wrong");
  DbusMessage message{.type = static_cast<DbusType>(bytes[1])};
  Decoder decoder(bytes.substr(0, kDbusFixedHeader + lengths.fields));
  for (int i = 0; i < 3; ++i) TRY(decoder.number(4));
  const DbusValue fields = TRY(decoder.value("a(yv)"));
  for (const DbusValue& field : fields.items) take_header_field(field, message);
  message.body = bytes.substr(lengths.header());
  return message;
}

Result<std::vector<DbusValue>> decode_body(const DbusMessage& message) {
  if (message.body.size() > kLongestPart) return malformed("its body is too long");
  Decoder decoder(message.body);
  std::vector<DbusValue> values = TRY(decoder.sequence(message.signature));
  if (decoder.at() != message.body.size()) return malformed("its body is longer than it says");
  return values;
}

}  // namespace brig
