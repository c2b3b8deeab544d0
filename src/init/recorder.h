// The flight recorder: init writes down, in memory that it shares with its parent, what it is
// about to do. When it dies without a word (SIGKILL, SIGSYS, out of memory) the parent can still
// say what it was doing.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

namespace brig {

enum class Stage : std::uint32_t {
  Birth,
  Namespaces,
  Filesystems,
  Root,
  Mounts,
  Hooks,
  Devices,
  Terminal,
  Restrictions,
  Identity,
  Credentials,
  Waiting,
  Program,
};

constexpr std::string_view describe(Stage stage) {
  switch (stage) {
    case Stage::Birth:
      return "starting";
    case Stage::Namespaces:
      return "entering namespaces";
    case Stage::Filesystems:
      return "making filesystems";
    case Stage::Root:
      return "changing the root";
    case Stage::Mounts:
      return "mounting";
    case Stage::Hooks:
      return "running hooks";
    case Stage::Devices:
      return "making devices";
    case Stage::Terminal:
      return "opening the terminal";
    case Stage::Restrictions:
      return "masking paths";
    case Stage::Identity:
      return "setting names and sysctls";
    case Stage::Credentials:
      return "dropping privileges";
    case Stage::Waiting:
      return "waiting to be started";
    case Stage::Program:
      return "executing the program";
  }
  return "?";
}

// The start of the hand-over file; the encoded InitPlan follows.
struct HandoverHeader {
  std::atomic<Stage> stage;
  std::uint32_t plan_size;
  // init's number of the seccomp listener; 0: none yet. A filter may notify of any system call,
  // so that init can tell of it without one.
  std::atomic<std::int32_t> listener;
};
static_assert(sizeof(HandoverHeader) == 12);

}  // namespace brig
