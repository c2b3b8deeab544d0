// How RapidJSON reads our bytes. For json.cc only.
#pragma once

#include <cstddef>
#include <cstring>

// A broken invariant inside RapidJSON must never abort brig: input can only be a parse error.
#define RAPIDJSON_ASSERT(condition) static_cast<void>(0)
#include <rapidjson/reader.h>
#include <rapidjson/stream.h>

#include "base/utf8.h"

namespace brig::json {

struct Utf8 : rapidjson::UTF8<char> {};
inline constexpr std::size_t kLongestSequence = 4;

// Strings are decoded in place, in a copy of the source that ends in NUL bytes. It is a type of
// its own because RapidJSON works on a local copy of its own one, whose position lags behind.
struct Input : rapidjson::InsituStringStream {
  using GenericInsituStringStream::GenericInsituStringStream;
  [[nodiscard]] std::size_t position() const { return static_cast<std::size_t>(src_ - head_); }
};

}  // namespace brig::json

// RapidJSON copies strings through this, a character at a time by default, which is half of the
// time a configuration takes. Here a whole run is copied that needs no decoding.
template <>
struct rapidjson::Transcoder<brig::json::Utf8, brig::json::Utf8> {
  template <class Input, class Output>
  static bool Transcode(Input& in, Output& out) {
    const char* const begin = in.src_;
    while (*in.src_ != '"' && *in.src_ != '\\') {
      const auto byte = static_cast<unsigned char>(*in.src_);
      const std::size_t length =
          byte < 0x80 ? byte >= 0x20
                      : brig::utf8::sequence_length({in.src_, brig::json::kLongestSequence});
      if (length == 0) break;
      in.src_ += length;
    }
    append(out, begin, in.src_);
    return in.src_ != begin;
  }
  template <class Input, class Output>
  static bool Validate(Input& in, Output& out) {
    return Transcode(in, out);
  }

 private:
  static void append(brig::json::Input& out, const char* begin, const char* end) {
    const auto size = static_cast<std::size_t>(end - begin);
    if (out.dst_ != begin) std::memmove(out.dst_, begin, size);
    out.dst_ += size;
  }
  template <class Output>
  static void append(Output& out, const char* begin, const char* end) {
    while (begin != end) out.Put(*begin++);
  }
};
