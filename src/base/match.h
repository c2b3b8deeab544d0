// std::visit(match{[](const A&) {...}, [](const B&) {...}}, variant)
#pragma once

#include <variant>

namespace brig {

template <class... F>
struct match : F... {
  using F::operator()...;
};
template <class... F>
match(F...) -> match<F...>;

}  // namespace brig
