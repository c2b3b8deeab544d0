#include "linux/seccomp/cache.h"

#include <fcntl.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/wire.h"
#include "linux/seccomp/compile.h"
#include "linux/seccomp/version.h"
#include "sys/file.h"
#include "sys/memory_file.h"
#include "sys/process.h"

namespace brig {

namespace {

constexpr std::string_view kMagic = "brig seccomp 1\n";  // counts up with the layout of Entry
constexpr std::size_t kMaxEntries = 64;
constexpr std::size_t kMaxEntrySize = std::size_t{1} << 20;

struct Entry {
  std::string compiler;  // who made it: other versions make other filters
  std::string profile;   // whole: a hash alone could be another profile's
  std::string bpf;
  std::uint64_t checksum = 0;  // of bpf: a filter with a flipped bit may allow anything
};

// FNV-1a over words of eight bytes. Not for keeping anybody out: who can write here is us.
std::uint64_t hash_of(std::string_view bytes) {
  constexpr std::uint64_t kPrime = 0x100000001b3;
  std::uint64_t hash = 0xcbf29ce484222325 ^ bytes.size();
  while (!bytes.empty()) {
    std::uint64_t word = 0;
    const std::size_t count = std::min(bytes.size(), sizeof word);
    std::memcpy(&word, bytes.data(), count);
    // The high half is folded in: multiplying alone never moves a bit downwards.
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
    bytes.remove_prefix(count);
  }
  return hash;
}

std::string hex(std::uint64_t number) {
  std::string text(16, '0');
  for (std::size_t i = 16; number != 0; number >>= 4) text[--i] = "0123456789abcdef"[number & 15];
  return text;
}

struct Key {
  std::string compiler, profile;
  [[nodiscard]] std::string file_name() const { return hex(hash_of(compiler + profile)); }
};

Key key_of(const SeccompProfile& profile) {
  return {.compiler = cat("brig " BRIG_VERSION " libseccomp ", libseccomp_version()),
          .profile = wire::encode(profile)};
}

// What is in there is loaded as it is, so nobody else may have written it.
bool can_be_believed(const struct stat& info, uid_t owner) {
  return S_ISREG(info.st_mode) && info.st_uid == owner &&
         (info.st_mode & (S_IWGRP | S_IWOTH)) == 0 &&
         static_cast<std::size_t>(info.st_size) <= kMaxEntrySize;
}

// Four syscalls: open, fstat, pread, close.
Result<std::string> read_entry(const SeccompCache& cache, const std::string& name) {
  // O_NONBLOCK: a fifo in our place must not hold us.
  const Fd file = TRY(sys::open_at(cache.dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  const struct stat info = TRY(sys::fstat(file));
  if (!can_be_believed(info, cache.owner)) return fail(Errc::Denied, "not a file of ours");
  return sys::read_start(file, static_cast<std::size_t>(info.st_size));
}

std::optional<std::string> find(const SeccompCache& cache, const Key& key) {
  if (!cache.dir) return std::nullopt;
  const Result<std::string> bytes = read_entry(cache, key.file_name());
  if (!bytes || !bytes->starts_with(kMagic)) return std::nullopt;
  Result<Entry> entry = wire::decode<Entry>(std::string_view(*bytes).substr(kMagic.size()));
  if (!entry || entry->compiler != key.compiler || entry->profile != key.profile ||
      entry->checksum != hash_of(entry->bpf))
    return std::nullopt;
  return std::move(entry->bpf);
}

// Drops the oldest entries, and what a brig that was killed left half-written.
Result<> make_room(const SeccompCache& cache) {
  const std::vector<std::string> names = TRY(sys::list_dir(cache.dir));
  if (names.size() < kMaxEntries) return {};
  std::vector<std::pair<std::int64_t, std::string>> by_age;
  for (const std::string& name : names)
    if (const Result<struct stat> info = sys::stat_at(cache.dir, name))
      by_age.emplace_back(info->st_mtim.tv_sec, name);
  std::ranges::sort(by_age);
  for (std::size_t i = 0; i + kMaxEntries <= by_age.size(); ++i)
    ignore(sys::unlink_at(cache.dir, by_age[i].second), "another brig may have dropped it");
  return {};
}

Result<> store(const SeccompCache& cache, const Key& key, const std::string& bpf) {
  if (!cache.dir) return {};
  TRY(make_room(cache));
  const std::string name = key.file_name();
  const std::string temporary = cat(name, ".", sys::own_pid());
  const Entry entry{
      .compiler = key.compiler, .profile = key.profile, .bpf = bpf, .checksum = hash_of(bpf)};
  Result<> written =
      sys::create_file_at(cache.dir, temporary, cat(kMagic, wire::encode(entry)), 0600);
  if (written) written = sys::rename_at(cache.dir, temporary, name);
  if (!written) ignore(sys::unlink_at(cache.dir, temporary), "it may not even exist");
  return written;
}

}  // namespace

Result<SeccompProgram> compiled_seccomp(const SeccompProfile& profile, const SeccompCache& cache) {
  const Key key = key_of(profile);
  if (std::optional<std::string> bpf = find(cache, key))
    return SeccompProgram{.bpf = *std::move(bpf), .flags = profile.flags};
  std::string bpf = TRY(compile_seccomp(profile));
  ignore(store(cache, key, bpf), "without a cache it works as well");
  return SeccompProgram{.bpf = std::move(bpf), .flags = profile.flags};
}

}  // namespace brig
