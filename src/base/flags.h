// Sets of enumerators: EnumSet<Ns>{Ns::Pid, Ns::Mount}. The enum needs values below 64.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <utility>

namespace brig {

template <class E>
class EnumSet {
 public:
  constexpr EnumSet() = default;
  constexpr EnumSet(std::initializer_list<E> members) {
    for (const E member : members) insert(member);
  }
  constexpr void insert(E member) { bits_ |= bit(member); }
  constexpr void erase(E member) { bits_ &= ~bit(member); }
  [[nodiscard]] constexpr bool has(E member) const { return (bits_ & bit(member)) != 0; }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  [[nodiscard]] constexpr EnumSet operator|(EnumSet other) const {
    other.bits_ |= bits_;
    return other;
  }
  constexpr bool operator==(const EnumSet&) const = default;

  std::uint64_t bits_ = 0;  // public: the type is plain data and crosses base/wire.h

 private:
  static constexpr std::uint64_t bit(E member) {
    return std::uint64_t{1} << static_cast<unsigned>(std::to_underlying(member));
  }
};

}  // namespace brig
