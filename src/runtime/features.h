// What this version supports, as the features structure of the OCI runtime specification
// (features.md, features-linux.md). Independent of the host it runs on.
#pragma once

#include <string>

namespace brig::runtime {

std::string features_json();  // indented by 4 as runc's, without a final newline

}  // namespace brig::runtime
