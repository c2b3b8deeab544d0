// sd_notify(3) for the container's program. ROOT/ID/notify is mounted into the container; brig
// listens there and tells the host's $NOTIFY_SOCKET that the program is ready. Nothing else of
// what the program says is passed on: the host trusts whoever writes to its socket.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "container/store.h"
#include "linux/mount/plan.h"
#include "runtime/runtime.h"
#include "sys/fd.h"

namespace brig::runtime {

inline constexpr const char kNotifyVariable[] = "NOTIFY_SOCKET=/run/notify/notify.sock";

std::string notify_dir(const Settings& settings, const std::string& id);
// The mount of that directory, last of all, so that a tmpfs on /run does not cover it.
void add_notify_mount(MountPlan& plan, const std::string& dir);
Result<> make_notify_dir(const ContainerDir& container);

// The first line of a message that begins with "READY="; empty when there is none.
std::string_view readiness_line(std::string_view message);

struct NotifyTarget {
  std::string socket;  // $NOTIFY_SOCKET of the caller; empty: nobody wants to know
  pid_t main_pid = 0;  // whom the host shall watch from then on
};

// The socket that the program writes to. A relay that cannot reach the host says so in the log
// and nowhere else: the container runs all the same.
class NotifyRelay {
 public:
  NotifyRelay() = default;  // relays nothing
  // Relays nothing either when the container was created without a target.
  static Result<NotifyRelay> open(const Settings& settings, const ContainerDir& container,
                                  NotifyTarget target);

  explicit operator bool() const { return static_cast<bool>(socket_); }

  // Readable when there is something for take_message().
  [[nodiscard]] FdRef socket() const { return socket_; }
  void take_message();

  // Until the host has been told that the program is ready, or `init` has ended (none: it has).
  Result<> wait_until_ready(FdRef init);
  // Takes what the program said last, and then waits for the host to have read what it was told,
  // at most 30 s: of a process that is gone it would not know to which service it belongs.
  void finish();

 private:
  Result<> tell_host(std::string_view readiness);
  void warn(const Error& error) const;

  Fd socket_;
  NotifyTarget target_;
  std::function<void(LogLevel, std::string_view)> log_;
  bool told_ = false;
  Fd barrier_;  // reads as ended when the host has read everything
  std::int64_t barrier_deadline_ms_ = 0;
};

}  // namespace brig::runtime
