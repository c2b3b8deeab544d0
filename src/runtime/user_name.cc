#include "runtime/user_name.h"

#include "base/text.h"
#include "linux/credentials/passwd.h"
#include "sys/file.h"

namespace brig::runtime {

std::string user_name(std::uint32_t uid) {
  const Result<std::string> passwd = sys::read_file_at(FdRef::cwd(), "/etc/passwd");
  if (!passwd) return cat(uid);
  const std::optional<PasswdEntry> user = find_user(*passwd, uid);
  return user ? std::string(user->name) : cat(uid);
}

}  // namespace brig::runtime
