// What init and its parent say to each other. Init drives: it asks, the parent serves. Each
// message is one packet of a SOCK_SEQPACKET pair.
//
//   init                                 parent
//   EnterCgroupRequest     ----------->  has systemd move it, where it was not born in its cgroup
//                          <-----------  Done
//   Forked{pid} + pidfd    ----------->  takes the new process for the container's own
//                          <-----------  Done
//   MapIdsRequest          ----------->  writes uid_map and gid_map
//                          <-----------  Done
//   MoveDevicesRequest     ----------->  gives it devices of the host's network
//                          <-----------  Done
//   RunHooksRequest        ----------->  prestart, createRuntime
//                          <-----------  Done
//   TerminalReady + master ----------->  relays it (no console socket)
//   ListenerFollows        ----------->  takes the seccomp listener as soon as there is one,
//                                        if it does not come along
//   FilesystemMade + mount ----------->  passes it on to who attaches it (`mounts add`)
//                          <-----------  Done
//   MountsAdded            ----------->  writes the state (`mounts add`)
//                          <-----------  Done
//   Ready                  ----------->  writes the state
//                          <-----------  Go    (unasked where init has nothing to ask: one
//                                              hand-over less)
//   Failed                 ----------->  undoes everything
//
// A closed channel means: to init, that the parent is dead; to the parent, that the program runs
// (the descriptor has close-on-exec) or that init died.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"

namespace brig {

struct Failed {
  Errc code = Errc::System;
  std::int32_t err = 0;
  bool by_start_hook = false;  // the container is to be destroyed (runtime.md, step 7)
  std::string text;
};

// Paths of the configuration may be of any length; a packet is not.
inline constexpr std::size_t kLongestFailure = 4096;
inline Failed describe_failure(const Error& error) {
  return {.code = error.code(),
          .err = error.sys_errno(),
          .text = error.frames().substr(0, kLongestFailure)};
}
struct Forked {
  std::int32_t pid = 0;  // in the parent's pid namespace
};
struct MapIdsRequest {
  std::uint8_t unused = 0;
};
struct EnterCgroupRequest {
  std::uint8_t unused = 0;
};
struct MoveDevicesRequest {
  std::uint8_t unused = 0;
};
struct RunHooksRequest {
  std::uint8_t unused = 0;
};
struct TerminalReady {
  std::uint8_t unused = 0;
};
struct ListenerFollows {
  std::uint8_t unused = 0;
};
struct FilesystemMade {
  std::uint32_t step = 0;
};
struct MountsAdded {
  std::vector<std::uint64_t> numbers;
};
struct Ready {
  std::uint8_t unused = 0;
};
using FromInit = std::variant<Failed, Forked, MapIdsRequest, EnterCgroupRequest, MoveDevicesRequest,
                              RunHooksRequest, TerminalReady, ListenerFollows, FilesystemMade,
                              MountsAdded, Ready>;

struct Done {
  std::uint8_t unused = 0;
};
struct Go {
  std::uint8_t unused = 0;
};
using FromParent = std::variant<Done, Go>;

}  // namespace brig
