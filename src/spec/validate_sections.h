// The parts of validate_spec(), and the checks that they share, so that one fault has one wording.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "spec/findings.h"
#include "spec/names.h"
#include "spec/types.h"

namespace brig::spec {

void validate_hooks(const Hooks& hooks, const Place& here);
void validate_linux(const Spec& spec, const Linux& section, const Place& here);
void validate_namespaces(const Linux& section, const Place& here);
// The ranges of a map of ids: not empty, not beyond the last id, none over another.
void validate_id_ranges(const std::vector<IdMapping>& mappings, const Place& here);
void validate_sysctl(const Spec& spec, const StringMap& sysctl, const Place& here);
void validate_seccomp(const Spec& spec, const Seccomp& seccomp, const Place& here);

// "unknown KIND 'name'"
void check_known(std::string_view name, const Vocabulary& known, const Place& here);
void check_all_known(const Strings& names, const Vocabulary& known, const Place& here);
// As check_known, or "duplicate KIND 'name'" when it is among `seen`, where it then is.
void check_known_once(std::string_view name, const Vocabulary& known,
                      std::vector<std::string_view>& seen, const Place& here);
// "expected an absolute path, got 'path'"
void check_absolute(std::string_view path, const Place& here);
// "expected an integer from MIN to MAX, got VALUE"
void check_range(std::int64_t value, std::int64_t min, std::int64_t max, const Place& here);
// "needs a TYPE namespace in linux.namespaces"
void check_own_namespace(const Spec& spec, std::string_view type, const Place& here);

}  // namespace brig::spec
