// What the container's process loads: plain data that crosses to it by base/wire.h.
#pragma once

#include <cstdint>
#include <string>

namespace brig {

struct SeccompProgram {
  std::string bpf;          // an array of struct sock_filter
  std::uint32_t flags = 0;  // SECCOMP_FILTER_FLAG_*
  bool operator==(const SeccompProgram&) const = default;
};

}  // namespace brig
