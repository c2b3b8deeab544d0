// The annotations that mean something to a runtime: all of them, with what brig makes of each.
// docs/annotations.md is the same table for people; a test compares the two.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "spec/findings.h"
#include "spec/types.h"

namespace brig::spec {

enum class Treatment : std::uint8_t {
  Honoured,
  Ignored,  // engines set it as a matter of course, or it changes nothing here
  Refused,  // the container would be another one than was asked for
};
std::string_view name_of(Treatment treatment);  // "honoured"

namespace annotation {
inline constexpr std::string_view kMountContextType = "run.oci.mount_context_type";
inline constexpr std::string_view kKeepOriginalGroups = "run.oci.keep_original_groups";
inline constexpr std::string_view kPidfdReceiver = "run.oci.pidfd_receiver";
inline constexpr std::string_view kHooksStdout = "run.oci.hooks.stdout";
inline constexpr std::string_view kHooksStderr = "run.oci.hooks.stderr";
inline constexpr std::string_view kSeccompReceiver = "run.oci.seccomp.receiver";
inline constexpr std::string_view kSeccompFailUnknown = "run.oci.seccomp_fail_unknown_syscall";
inline constexpr std::string_view kSeccompBpfData = "run.oci.seccomp_bpf_data";
inline constexpr std::string_view kSystemdProperty = "org.systemd.property.";
}  // namespace annotation

struct KnownAnnotation {
  std::string_view name;  // one that ends in a dot is a family
  Treatment treatment;
  void (*validate)(std::string_view value, const Place& here) = nullptr;
};
std::span<const KnownAnnotation> known_annotations();

// Those with an effect on the host, which an engine must not let users set: names, and families.
std::span<const std::string_view> unsafe_annotations();

// "": it is not there. Nobody asks for an empty value.
std::string_view annotation_of(const StringMap& annotations, std::string_view name);
// It is there, and not "0".
bool has_annotation(const StringMap& annotations, std::string_view name);

void validate_annotations(const StringMap& annotations, const Place& here);

}  // namespace brig::spec
