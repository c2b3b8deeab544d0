// The mounts that every container expects: as `brig spec` writes them, and the options that a
// configuration gets which names one of them without any.
#pragma once

#include <span>
#include <string_view>

namespace brig::spec {

struct DefaultMount {
  std::string_view destination, type, source;
  std::span<const std::string_view> options;
};
std::span<const DefaultMount> default_mounts();

struct DefaultMountOptions {
  std::string_view destination, type;
  std::span<const std::string_view> options;
};
std::span<const DefaultMountOptions> default_mount_options();

}  // namespace brig::spec
