// What the container's process needs of its user: credentials, the working directory, its standard
// streams, its home.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "init/isolate.h"
#include "linux/credentials/apply.h"
#include "sys/fd.h"

namespace brig {

// umask, working directory, seccomp where it has to come first, and the credentials: afterwards
// the process may do what the container may do.
Result<> become_user(const Init& init, Setgroups setgroups);

// Below the root of a container. The image controls them: they may be of any kind and size.
inline constexpr const char kPasswdFile[] = "etc/passwd";
inline constexpr const char kGroupFile[] = "etc/group";
inline constexpr std::size_t kLongestUserFile = std::size_t{1} << 20;

// The home directory that the container's /etc/passwd gives a uid; "/" when it gives none.
std::string home_of(std::uint32_t uid);

}  // namespace brig
