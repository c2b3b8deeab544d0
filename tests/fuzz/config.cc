// Whatever the bytes of config.json: reading it ends, without a crash, in a configuration or in
// findings that point into the file.
//
//   clang++-19 -std=c++23 -fno-exceptions -fno-rtti -D_GNU_SOURCE -g -O1 -iquote src
//       -fsanitize=fuzzer,address,undefined -fno-sanitize=pointer-overflow tests/fuzz/config.cc
//       src/base/{error,json*,utf8}.cc src/spec/*.cc -o fuzz_config   (without the *_test.cc files)
//   ./fuzz_config -max_len=65536 tests/fuzz/corpus/config
//
// (RapidJSON 1.1 adds an offset to a null pointer before its stack has memory: pointer-overflow.)
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.h"
#include "spec/load.h"

namespace {

using namespace brig;

void require(bool holds) {
  if (!holds) std::abort();
}

// "config.json:LINE:COLUMN: ..." with a position inside the document.
void require_position(std::string_view line, std::string_view bytes) {
  constexpr std::string_view kName = "config.json:";
  require(line.starts_with(kName));
  line.remove_prefix(kName.size());
  require(!line.empty() && line.front() >= '1' && line.front() <= '9');
  require(line.find('\0') == line.npos && line.find('\n') == line.npos);
  require(json::position_of(bytes, bytes.size()).line >= 1);
}

void check_load(const spec::Source& source) {
  std::vector<std::string> warnings;
  const Result<spec::Spec> loaded = spec::load_spec(source, warnings);
  for (const std::string& warning : warnings) require_position(warning, source.bytes);
  if (loaded) {
    require(loaded->process && !loaded->process->args.empty() && loaded->root && loaded->linux_);
    return;
  }
  require(loaded.error().code() == Errc::BadConfig);
  std::string message = loaded.error().message();
  for (std::string_view rest = message; !rest.empty();) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    require_position(rest.substr(0, end), source.bytes);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

// What was read can be written, and reads back as the same tree.
void write(json::Writer& out, const json::Node& node) {
  switch (node.kind) {
    case json::Kind::Null:
      return out.null();
    case json::Kind::Bool:
      return out.value(node.boolean);
    case json::Kind::Integer:
      if (!node.negative) return out.value(node.magnitude);
      return out.value(static_cast<std::int64_t>(~node.magnitude + 1));
    case json::Kind::Real:
      return out.value(node.text);
    case json::Kind::String:
      return out.value(node.text);
    case json::Kind::Array:
      out.begin_array();
      for (const json::Node& item : node.items) write(out, item);
      return out.end_array();
    case json::Kind::Object:
      out.begin_object();
      for (const auto& [key, value] : node.members) {
        out.key(key);
        write(out, value);
      }
      return out.end_object();
  }
}

std::string written(const json::Node& node) {
  json::Writer out(json::Writer::Pretty{});
  write(out, node);
  return out.take();
}

void require_offsets(const json::Node& node, std::string_view bytes) {
  require(node.offset < bytes.size());
  constexpr std::string_view kStarts[] = {"n", "tf", "-0123456789", "-0123456789", "\"", "[", "{"};
  require(kStarts[static_cast<std::size_t>(node.kind)].contains(bytes[node.offset]));
  for (const json::Node& item : node.items) require_offsets(item, bytes);
  for (const auto& [key, value] : node.members) require_offsets(value, bytes);
}

void check_round_trip(std::string_view bytes) {
  const Result<json::Node> root = json::parse(bytes);
  if (!root) return;
  require_offsets(*root, bytes);
  const std::string once = written(*root);
  const Result<json::Node> again = json::parse(once);
  require(again.has_value() && written(*again) == once);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_round_trip(bytes);
  check_load({"config.json", bytes});
  std::vector<std::string> warnings;
  ignore(spec::load_process({"process.json", bytes}, warnings), "only crashes count");
  ignore(spec::load_resources({"resources.json", bytes}, warnings), "only crashes count");
  return 0;
}
