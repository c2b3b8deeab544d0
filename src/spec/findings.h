// What is wrong with a configuration: every fault is collected, each with its JSON path; line and
// column are looked up only when there is something to print.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace brig::spec {

struct Finding {
  std::string path;         // "process.rlimits[0].type"; empty: the whole document
  std::string what;         // "unknown rlimit 'RLIMIT_FOO'"
  bool warning = false;     // worth saying, but the container is created
  std::string remedy = {};  // what to do about it, where that does not go without saying
};
using Findings = std::vector<Finding>;

// A file as the user knows it, for messages.
struct Source {
  std::string_view name;        // "config.json"
  std::string_view bytes;       // JSON
  std::string_view place = {};  // of the whole: "mounts", where it is the list of these alone
};

// One line each: "config.json:12:9: process.rlimits[0].type: unknown rlimit 'RLIMIT_FOO'".
struct Report {
  std::vector<std::string> errors, warnings;
};
[[nodiscard]] Report describe(const Findings& findings, const Source& source);

// 'text', with control characters written as \xNN and what is too long for a message cut off.
[[nodiscard]] std::string quote(std::string_view text);

// Members that nobody has read: the specification wants them ignored, so that only `check` says so.
enum class UnknownMembers : bool { Ignored, Warned };

// A place in the configuration: "process", then "rlimits" in it, then [0] in that. Places are
// chained through objects on the stack, and their text is put together only to report a fault:
//
//   const Place here = rlimits.at(i);
//   if (limit.soft > limit.hard) here.at("soft").error(limit.soft, " exceeds ", limit.hard);
class Place {
 public:
  explicit Place(Findings& findings, UnknownMembers unknown = UnknownMembers::Ignored)
      : findings_(&findings), unknown_(unknown) {}  // the document

  // Only on a named place: the new one refers to it.
  [[nodiscard]] Place at(std::string_view key) const& { return {*this, key, kNoIndex}; }
  [[nodiscard]] Place at(std::size_t index) const& { return {*this, {}, index}; }
  Place at(std::string_view key) const&& = delete;
  Place at(std::size_t index) const&& = delete;

  // Of more faults than anybody reads, and of what lies in a place with a fault, nothing is kept.
  template <class... What>
  [[gnu::cold]] void error(const What&... what) const {
    if (has_room(false)) add({.path = path(), .what = cat(what...)});
  }
  template <class... What>
  [[gnu::cold]] void warn(const What&... what) const {
    if (has_room(true)) add({.path = path(), .what = cat(what...), .warning = true});
  }
  // All but the path is given.
  void report(Finding finding) const;

  [[nodiscard]] UnknownMembers unknown_members() const { return unknown_; }

 private:
  static constexpr std::size_t kNoIndex = static_cast<std::size_t>(-1);
  Place(const Place& parent, std::string_view key, std::size_t index)
      : findings_(parent.findings_),
        parent_(&parent),
        key_(key),
        index_(index),
        unknown_(parent.unknown_) {}
  [[nodiscard]] bool has_room(bool warning) const;
  [[nodiscard]] std::string path() const;
  void add(Finding finding) const;

  Findings* findings_;
  const Place* parent_ = nullptr;
  std::string_view key_;
  std::size_t index_ = kNoIndex;
  UnknownMembers unknown_ = UnknownMembers::Ignored;
};

}  // namespace brig::spec
