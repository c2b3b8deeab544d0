#include "linux/lsm/facts.h"

#include <linux/magic.h>

#include <string>

#include "base/host_paths.h"
#include "sys/file.h"

namespace brig {

namespace {

bool says_yes(const char* path) {
  const Result<std::string> text = sys::read_file_at(FdRef::cwd(), path);
  return text && text->starts_with('Y');
}

// "unconfined", or the name of a profile and its mode.
bool is_confined() {
  const Result<std::string> own = sys::read_file_at(FdRef::cwd(), host_paths::kSelfAppArmorLabel);
  return own && !own->starts_with("unconfined");
}

bool has_selinux() {
  const Result<Fd> top = sys::open_at(FdRef::cwd(), host_paths::kSelinux, O_PATH | O_DIRECTORY);
  if (!top) return false;
  const Result<std::uint32_t> magic = sys::fs_magic(*top);
  return magic && *magic == SELINUX_MAGIC;
}

}  // namespace

Result<LsmFacts> probe_lsm_facts() {
  LsmFacts facts;
  facts.apparmor = says_yes(host_paths::kAppArmorEnabled);
  if (facts.apparmor) {
    facts.apparmor_directory = TRY(sys::exists_at(FdRef::cwd(), host_paths::kSelfAppArmorLabel));
    facts.confined = is_confined();
  }
  facts.selinux = has_selinux();
  return facts;
}

}  // namespace brig
