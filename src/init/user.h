// What the container's process needs of its user: the working directory, its standard streams,
// its home.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"
#include "linux/credentials/plan.h"

namespace brig {

Result<> enter_working_directory(const std::string& cwd);

// The kernel must agree that the current directory is inside the root: a path through a
// descriptor of the host would be "(unreachable)" (CVE-2024-21626).
Result<> check_inside_root(const std::string& cwd);

// Pipes and files that the caller opened become the user's, so that /dev/stdout can be reopened.
Result<> give_stdio_to_user(const CredentialPlan& credentials);

// The home directory that the container's /etc/passwd gives a uid; "/" when it gives none.
std::string home_of(std::uint32_t uid);

}  // namespace brig
