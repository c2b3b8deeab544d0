// Plain data to bytes and back, field by field, with no per-type code: aggregates are taken
// apart with structured bindings. It carries plans from brig to the process that becomes the
// container's init (the same binary executed again) and keys the seccomp cache. Both ends are
// the same build, so there is no versioning; a decoder still checks every length.
#pragma once

#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/flags.h"

namespace brig::wire {

namespace detail {

struct Any {
  template <class T>
  operator T() const noexcept;  // never defined: only asked whether it would fit
};

template <class T, class... Given>
consteval std::size_t field_count() {
  if constexpr (requires { T{Given{}..., Any{}}; })
    return field_count<T, Given..., Any>();
  else
    return sizeof...(Given);
}

// Calls f with a reference to every field of an aggregate, in order.
template <class T, class F>
constexpr void each_field(T& t, F&& f) {
  constexpr std::size_t n = field_count<std::remove_const_t<T>>();
  static_assert(n <= 30, "add a case to each_field");
  // clang-format off
#define BRIG_FIELDS(count, ...) \
  else if constexpr (n == count) { auto& [__VA_ARGS__] = t; [&](auto&... field) { (f(field), ...); }(__VA_ARGS__); }
  if constexpr (n == 0) {}
  BRIG_FIELDS(1, a)
  BRIG_FIELDS(2, a, b)
  BRIG_FIELDS(3, a, b, c)
  BRIG_FIELDS(4, a, b, c, d)
  BRIG_FIELDS(5, a, b, c, d, e)
  BRIG_FIELDS(6, a, b, c, d, e, g)
  BRIG_FIELDS(7, a, b, c, d, e, g, h)
  BRIG_FIELDS(8, a, b, c, d, e, g, h, i)
  BRIG_FIELDS(9, a, b, c, d, e, g, h, i, j)
  BRIG_FIELDS(10, a, b, c, d, e, g, h, i, j, k)
  BRIG_FIELDS(11, a, b, c, d, e, g, h, i, j, k, l)
  BRIG_FIELDS(12, a, b, c, d, e, g, h, i, j, k, l, m)
  BRIG_FIELDS(13, a, b, c, d, e, g, h, i, j, k, l, m, o)
  BRIG_FIELDS(14, a, b, c, d, e, g, h, i, j, k, l, m, o, p)
  BRIG_FIELDS(15, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q)
  BRIG_FIELDS(16, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r)
  BRIG_FIELDS(17, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s)
  BRIG_FIELDS(18, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u)
  BRIG_FIELDS(19, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v)
  BRIG_FIELDS(20, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w)
  BRIG_FIELDS(21, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x)
  BRIG_FIELDS(22, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x, y)
  BRIG_FIELDS(23, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x, y, z)
  BRIG_FIELDS(24, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x, y, z, aa)
  BRIG_FIELDS(25, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x, y, z, aa, ab)
  BRIG_FIELDS(26, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x, y, z, aa, ab, ac)
  BRIG_FIELDS(27, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x, y, z, aa, ab, ac, ad)
  BRIG_FIELDS(28, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x, y, z, aa, ab, ac, ad, ae)
  BRIG_FIELDS(29, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x, y, z, aa, ab, ac, ad, ae, ag)
  BRIG_FIELDS(30, a, b, c, d, e, g, h, i, j, k, l, m, o, p, q, r, s, u, v, w, x, y, z, aa, ab, ac, ad, ae, ag, ah)
#undef BRIG_FIELDS
  // clang-format on
}

template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;
template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_variant = false;
template <class... T>
inline constexpr bool is_variant<std::variant<T...>> = true;
template <class T>
inline constexpr bool is_map = false;
template <class K, class V>
inline constexpr bool is_map<std::map<K, V>> = true;
template <class T>
inline constexpr bool is_enum_set = false;
template <class E>
inline constexpr bool is_enum_set<EnumSet<E>> = true;
template <class T>
concept Scalar = std::is_arithmetic_v<T> || std::is_enum_v<T>;

}  // namespace detail

class Encoder {
 public:
  template <class T>
  void put(const T& value) {
    if constexpr (detail::Scalar<T>) {
      raw(&value, sizeof value);
    } else if constexpr (detail::is_enum_set<T>) {
      put(value.bits_);
    } else if constexpr (std::is_same_v<T, std::string>) {
      put_size(value.size());
      raw(value.data(), value.size());
    } else if constexpr (detail::is_vector<T>) {
      put_size(value.size());
      if constexpr (detail::Scalar<typename T::value_type>)
        raw(value.data(), value.size() * sizeof(typename T::value_type));
      else
        for (const auto& item : value) put(item);
    } else if constexpr (detail::is_map<T>) {
      put_size(value.size());
      for (const auto& [key, item] : value) {
        put(key);
        put(item);
      }
    } else if constexpr (detail::is_optional<T>) {
      put(value.has_value());
      if (value) put(*value);
    } else if constexpr (detail::is_variant<T>) {
      put(static_cast<std::uint8_t>(value.index()));
      std::visit([&](const auto& alternative) { put(alternative); }, value);
    } else {
      static_assert(std::is_aggregate_v<T>, "wire carries plain data only");
      detail::each_field(value, [&](const auto& field) { put(field); });
    }
  }
  [[nodiscard]] const std::string& bytes() const { return out_; }
  [[nodiscard]] std::string take() { return std::move(out_); }

 private:
  void put_size(std::size_t size) { put(static_cast<std::uint32_t>(size)); }
  void raw(const void* data, std::size_t size) {
    out_.append(static_cast<const char*>(data), size);
  }
  std::string out_;
};

// After any failure every further get() is a no-op and ok() is false.
class Decoder {
 public:
  explicit Decoder(std::string_view bytes) : in_(bytes) {}

  template <class T>
  void get(T& value) {
    if (!ok_) return;
    if constexpr (std::is_same_v<T, bool>) {
      std::uint8_t byte = 0;
      get(byte);
      if (byte > 1) ok_ = false;  // a bool that is neither is undefined behaviour in its reader
      value = byte == 1;
    } else if constexpr (detail::Scalar<T>) {
      raw(&value, sizeof value);
    } else if constexpr (detail::is_enum_set<T>) {
      get(value.bits_);
    } else if constexpr (std::is_same_v<T, std::string>) {
      const std::size_t size = get_size();
      value.resize(size);
      raw(value.data(), size);
    } else if constexpr (detail::is_vector<T>) {
      value.resize(get_size());
      if constexpr (detail::Scalar<typename T::value_type>)
        raw(value.data(), value.size() * sizeof(typename T::value_type));
      else
        for (auto& item : value) get(item);
    } else if constexpr (detail::is_map<T>) {
      for (std::size_t left = get_size(); ok_ && left > 0; --left) {
        typename T::key_type key{};
        get(key);
        get(value[key]);
      }
    } else if constexpr (detail::is_optional<T>) {
      bool present = false;
      get(present);
      if (present) get(value.emplace());
    } else if constexpr (detail::is_variant<T>) {
      std::uint8_t index = 0;
      get(index);
      get_alternative<T>(value, index);
    } else {
      static_assert(std::is_aggregate_v<T>, "wire carries plain data only");
      detail::each_field(value, [&](auto& field) { get(field); });
    }
  }
  [[nodiscard]] bool ok() const { return ok_; }
  [[nodiscard]] bool at_end() const { return ok_ && in_.empty(); }

 private:
  // Every element takes at least one byte, so a count beyond what is left is damage.
  std::size_t get_size() {
    std::uint32_t size = 0;
    get(size);
    if (size > in_.size()) ok_ = false;
    return ok_ ? size : 0;
  }
  void raw(void* data, std::size_t size) {
    if (size > in_.size()) ok_ = false;
    if (!ok_ || size == 0) return;
    std::memcpy(data, in_.data(), size);
    in_.remove_prefix(size);
  }
  template <class V, std::size_t I = 0>
  void get_alternative(V& value, std::size_t index) {
    if constexpr (I < std::variant_size_v<V>) {
      if (index == I)
        get(value.template emplace<I>());
      else
        get_alternative<V, I + 1>(value, index);
    } else {
      ok_ = false;
    }
  }
  std::string_view in_;
  bool ok_ = true;
};

template <class T>
[[nodiscard]] std::string encode(const T& value) {
  Encoder encoder;
  encoder.put(value);
  return encoder.take();
}

template <class T>
Result<T> decode(std::string_view bytes) {
  Decoder decoder(bytes);
  T value{};
  decoder.get(value);
  if (!decoder.at_end()) return fail(Errc::Protocol, "decode: damaged data");
  return value;
}

}  // namespace brig::wire
