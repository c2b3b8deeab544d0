#include "spec/validate.h"

#include <algorithm>

#include "spec/annotations.h"
#include "spec/namespaces.h"
#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

constexpr std::size_t kMaxUtsName = 64;  // __NEW_UTS_LEN; sethostname(2) refuses more

bool is_digits(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

std::string_view cut_front(std::string_view& text, char separator) {
  const std::size_t at = std::min(text.find(separator), text.size());
  const std::string_view front = text.substr(0, at);
  text.remove_prefix(std::min(at + 1, text.size()));
  return front;
}

bool is_number_of_version(std::string_view text) {
  return is_digits(text) && (text.size() == 1 || text.front() != '0');
}

// Dot-separated words of letters, digits and hyphens; the numeric ones of a pre-release have no
// leading zero.
bool are_version_words(std::string_view text, bool is_build) {
  constexpr std::string_view kAllowed =
      "0123456789-ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  if (text.empty() || text.ends_with('.')) return false;
  while (!text.empty()) {
    const std::string_view word = cut_front(text, '.');
    if (word.empty() || word.find_first_not_of(kAllowed) != word.npos) return false;
    if (!is_build && is_digits(word) && !is_number_of_version(word)) return false;
  }
  return true;
}

// semver.org 2.0.0: MAJOR.MINOR.PATCH, then -PRE.RELEASE, then +BUILD
bool is_semantic_version(std::string_view text) {
  const std::size_t plus = text.find('+');
  if (plus != text.npos && !are_version_words(text.substr(plus + 1), true)) return false;
  text = text.substr(0, plus);
  const std::size_t hyphen = text.find('-');
  if (hyphen != text.npos && !are_version_words(text.substr(hyphen + 1), false)) return false;
  text = text.substr(0, hyphen);
  if (std::ranges::count(text, '.') != 2) return false;
  for (int i = 0; i < 3; ++i)
    if (!is_number_of_version(cut_front(text, '.'))) return false;
  return true;
}

void validate_version(const std::string& version, const Place& here) {
  if (!is_semantic_version(version))
    here.error("expected a version such as 1.3.0, got ", quote(version));
  else if (!version.starts_with("1."))
    here.error("version ", version, " is not supported, only 1.x is");
}

void validate_root(const Spec& spec, const Place& here) {
  if (!spec.root) return here.error("missing");
  if (spec.root->path.empty()) here.at("path").error("must not be empty");
  if (spec.root->readonly) check_own_namespace(spec, "mount", here.at("readonly"));
}

void validate_uts_name(const Spec& spec, const std::string& name, const Place& here) {
  if (name.empty()) return;
  check_own_namespace(spec, "uts", here);
  if (name.size() > kMaxUtsName) here.error("longer than ", kMaxUtsName, " bytes");
}

}  // namespace

void check_known(std::string_view name, const Vocabulary& known, const Place& here) {
  if (!contains(known.names, name)) here.error("unknown ", known.kind, " ", quote(name));
}

void check_all_known(const Strings& names, const Vocabulary& known, const Place& here) {
  for (std::size_t i = 0; i < names.size(); ++i) check_known(names[i], known, here.at(i));
}

void check_known_once(std::string_view name, const Vocabulary& known,
                      std::vector<std::string_view>& seen, const Place& here) {
  if (!contains(known.names, name)) return check_known(name, known, here);
  if (contains(seen, name)) return here.error("duplicate ", known.kind, " ", quote(name));
  seen.push_back(name);
}

void check_absolute(std::string_view path, const Place& here) {
  if (!path.starts_with('/')) here.error("expected an absolute path, got ", quote(path));
}

void check_range(std::int64_t value, std::int64_t min, std::int64_t max, const Place& here) {
  if (value < min || value > max)
    here.error("expected an integer from ", min, " to ", max, ", got ", value);
}

void check_own_namespace(const Spec& spec, std::string_view type, const Place& here) {
  if (!has_own_namespace(spec, type))
    here.error("needs ", type == "ipc" ? "an " : "a ", type, " namespace in linux.namespaces");
}

void validate_spec(const Spec& spec, Findings& findings) {
  const Place root(findings);
  validate_version(spec.oci_version, root.at("ociVersion"));
  if (spec.process)
    validate_process(*spec.process, root.at("process"));
  else
    root.at("process").error("missing; create needs it");
  validate_root(spec, root.at("root"));
  validate_uts_name(spec, spec.hostname, root.at("hostname"));
  validate_uts_name(spec, spec.domainname, root.at("domainname"));
  validate_mounts(spec, root.at("mounts"));
  validate_hooks(spec.hooks, root.at("hooks"));
  validate_annotations(spec.annotations, root.at("annotations"));
  if (spec.linux_) validate_linux(spec, *spec.linux_, root.at("linux"));
}

}  // namespace brig::spec
