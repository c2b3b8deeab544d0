// seccomp(2).
#pragma once

#include <cstdint>
#include <string_view>

#include "base/error.h"
#include "sys/fd.h"

namespace brig::sys {

// SECCOMP_SET_MODE_FILTER for the calling thread. `program` is an array of struct sock_filter.
// The descriptor is the listener when `flags` has SECCOMP_FILTER_FLAG_NEW_LISTENER, else empty.
Result<Fd> seccomp_set_filter(std::string_view program, std::uint32_t flags);

}  // namespace brig::sys
