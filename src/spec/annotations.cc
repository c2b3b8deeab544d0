#include "spec/annotations.h"

#include <algorithm>
#include <utility>

#include "base/base64.h"
#include "spec/validate_sections.h"

namespace brig::spec {
namespace {

constexpr std::string_view kContextTypes[] = {"context", "fscontext", "defcontext", "rootcontext"};

void validate_context_type(std::string_view value, const Place& here) {
  if (std::ranges::find(kContextTypes, value) == std::end(kContextTypes))
    here.error("expected context, fscontext, defcontext or rootcontext, got ", quote(value));
}

void validate_path(std::string_view value, const Place& here) {
  check_absolute(value, here);
}

void validate_base64(std::string_view value, const Place& here) {
  if (value.empty() || !decode_base64(value))
    here.error("expected a program for seccomp(2) in base64");
}

void validate_handler(std::string_view value, const Place& here) {
  if (value.empty() || value == "crun") return;
  here.error("there is no handler ", quote(value),
             ": brig runs programs as they are; leave the annotation out, or use crun");
}

void validate_subgroup(std::string_view value, const Place& here) {
  if (value.empty()) return;
  here.error("brig puts a container into its scope itself; leave the annotation out, or empty");
}

void refuse_delegation(std::string_view value, const Place& here) {
  if (value.empty()) return;
  here.error(
      "not supported: with a cgroup namespace and a writable cgroup mount the container manages "
      "its own cgroup on v2");
}

void refuse_cgroup_v1(std::string_view /*value*/, const Place& here) {
  here.error("not supported: bind the named hierarchy of the host as a mount");
}

void refuse_plugins(std::string_view /*value*/, const Place& here) {
  here.error("brig loads no plugins; use ", annotation::kSeccompReceiver,
             " or linux.seccomp.listenerPath");
}

void refuse_time_offset(std::string_view /*value*/, const Place& here) {
  here.error("use linux.timeOffsets");
}

void refuse_virtual_machine(std::string_view /*value*/, const Place& here) {
  here.error("brig makes no virtual machines; use crun built with libkrun");
}

void refuse_wasm(std::string_view /*value*/, const Place& here) {
  here.error("brig runs no WebAssembly; use crun or youki built for it");
}

using enum Treatment;
constexpr KnownAnnotation kKnown[] = {
    {annotation::kSystemdProperty, Honoured},
    {annotation::kMountContextType, Honoured, validate_context_type},
    {annotation::kKeepOriginalGroups, Honoured},
    {annotation::kPidfdReceiver, Honoured, validate_path},
    {annotation::kHooksStdout, Honoured, validate_path},
    {annotation::kHooksStderr, Honoured, validate_path},
    {annotation::kSeccompReceiver, Honoured, validate_path},
    {annotation::kSeccompFailUnknown, Honoured},
    {annotation::kSeccompBpfData, Honoured, validate_base64},
    {"run.oci.systemd.subgroup", Refused, validate_subgroup},
    {"run.oci.delegate-cgroup", Refused, refuse_delegation},
    {"run.oci.systemd.force_cgroup_v1", Refused, refuse_cgroup_v1},
    {"run.oci.timens_offset", Refused, refuse_time_offset},
    {"run.oci.handler", Refused, validate_handler},
    {"run.oci.seccomp.plugins", Refused, refuse_plugins},
    {"krun.", Refused, refuse_virtual_machine},
    {"module.wasm.image/variant", Refused, refuse_wasm},
    {"org.criu.config", Ignored},
    {"io.kubernetes.cri.container-type", Ignored},
    {"bundle", Ignored},
};

// All of crun's, also those that are refused: nobody but an engine has any business with them.
constexpr std::string_view kCruns = "run.oci.";
constexpr std::string_view kUnsafe[] = {annotation::kSystemdProperty, kCruns};

const KnownAnnotation* find_known(std::string_view name) {
  const auto* const found = std::ranges::find_if(kKnown, [&](const KnownAnnotation& known) {
    return known.name.ends_with('.') ? name.starts_with(known.name) : name == known.name;
  });
  return found == std::end(kKnown) ? nullptr : found;
}

}  // namespace

std::string_view name_of(Treatment treatment) {
  switch (treatment) {
    case Honoured:
      return "honoured";
    case Ignored:
      return "ignored";
    case Refused:
      return "refused";
  }
  std::unreachable();
}

std::span<const KnownAnnotation> known_annotations() {
  return kKnown;
}

std::span<const std::string_view> unsafe_annotations() {
  return kUnsafe;
}

std::string_view annotation_of(const StringMap& annotations, std::string_view name) {
  const auto found = annotations.find(std::string(name));
  return found == annotations.end() ? std::string_view() : found->second;
}

bool has_annotation(const StringMap& annotations, std::string_view name) {
  const auto found = annotations.find(std::string(name));
  return found != annotations.end() && found->second != "0";
}

void validate_annotations(const StringMap& annotations, const Place& here) {
  for (const auto& [name, value] : annotations) {
    if (name.empty()) {
      here.error("a name must not be empty");
      continue;
    }
    const Place place = here.at(name);
    const KnownAnnotation* const known = find_known(name);
    if (known != nullptr && known->validate != nullptr) known->validate(value, place);
    if (known == nullptr && name.starts_with(kCruns)) place.warn("unknown annotation; ignored");
  }
}

}  // namespace brig::spec
