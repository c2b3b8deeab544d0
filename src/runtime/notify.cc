#include "runtime/notify.h"

#include <sys/mount.h>

#include <algorithm>

#include "sys/file.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/socket.h"

namespace brig::runtime {

namespace {

constexpr const char kNotifyDir[] = "notify";
constexpr const char kNotifySocket[] = "notify.sock";
constexpr const char kNotifyMountPoint[] = "/run/notify";
constexpr std::size_t kLongestMessage = 4096;  // systemd reads no more
constexpr int kLongestQueue = 4096;            // messages; net.unix.max_dgram_qlen is far below
constexpr std::int64_t kBarrierMs = 30'000;
// MOUNT_ATTR_RDONLY, NOSUID, NODEV and NOEXEC. A socket can be written to on a read-only mount;
// it cannot be replaced there.
constexpr std::uint64_t kSealed = 0x1 | 0x2 | 0x4 | 0x8;
constexpr mode_t kForEveryUser = 0755;  // the program's user may be any

}  // namespace

std::string notify_dir(const Settings& settings, const std::string& id) {
  return cat(settings.root, "/", id, "/", kNotifyDir);
}

void add_notify_mount(MountPlan& plan, const std::string& dir) {
  const TreeSlot slot{static_cast<std::uint32_t>(plan.trees.size())};
  plan.trees.push_back({.source = dir,
                        .follow = false,
                        .attributes = {.set = kSealed, .propagation = MS_PRIVATE},
                        .json_path = "NOTIFY_SOCKET"});
  // Private once more: a mount that is attached below a shared one becomes shared.
  plan.steps.push_back({.target = {kNotifyMountPoint},
                        .what = slot,
                        .propagation = MS_PRIVATE,
                        .json_path = "NOTIFY_SOCKET"});
}

Result<> make_notify_dir(const ContainerDir& container) {
  TRY(sys::mkdir_at(container.dir(), kNotifyDir, kForEveryUser));
  const Fd made = TRY(sys::open_beneath(container.dir(), kNotifyDir, O_RDONLY | O_DIRECTORY));
  return sys::fchmod(made, kForEveryUser);  // whatever the caller's umask
}

std::string_view readiness_line(std::string_view message) {
  while (!message.empty()) {
    const std::size_t end = std::min(message.find('\n'), message.size());
    const std::string_view line = message.substr(0, end);
    if (line.starts_with("READY=")) return line;
    message.remove_prefix(std::min(end + 1, message.size()));
  }
  return {};
}

Result<NotifyRelay> NotifyRelay::open(const Settings& settings, const ContainerDir& container,
                                      NotifyTarget target) {
  NotifyRelay relay;
  if (target.socket.empty()) return relay;
  Result<Fd> dir = sys::open_beneath(container.dir(), kNotifyDir, O_RDONLY | O_DIRECTORY);
  if (!dir && dir.error().sys_errno() == ENOENT) return relay;
  if (!dir) return std::unexpected(std::move(dir.error()));
  // One that a killed `start` left.
  Result<> removed = sys::unlink_at(*dir, kNotifySocket);
  if (!removed && removed.error().sys_errno() != ENOENT)
    return std::unexpected(std::move(removed.error()));
  // By descriptor, because the state directory's path may be longer than a socket's may be.
  relay.socket_ = TRY(sys::bind_datagram(cat(sys::fd_path(*dir), "/", kNotifySocket)));
  relay.target_ = std::move(target);
  relay.log_ = settings.log;
  return relay;
}

void NotifyRelay::take_message() {
  const Result<sys::Message> message = sys::receive_message(socket_, kLongestMessage);
  if (!message) {
    if (message.error().code() == Errc::Protocol) return;  // too long, which is not our loss
    warn(message.error());
    socket_.close();
    return;
  }
  // Later messages are only taken out of the queue: the program would wait for ever at a full one.
  if (told_) return;
  const std::string_view readiness = readiness_line(message->data);
  if (readiness.empty()) return;
  told_ = true;
  if (const Result<> told = tell_host(readiness); !told) warn(told.error());
}

// One message each, so that a host which understands only the first loses nothing of it.
Result<> NotifyRelay::tell_host(std::string_view readiness) {
  const std::string& host = target_.socket;
  TRY(sys::send_datagram_to(host, cat(readiness, "\n")));
  TRY(sys::send_datagram_to(host, cat("MAINPID=", target_.main_pid, "\n")));
  // sd_notify_barrier(3): the host closes the descriptor when it comes to this message.
  sys::PipeEnds pipe = TRY(sys::open_pipe());
  const FdRef held_by_host = pipe.write;
  TRY(sys::send_datagram_to(host, "BARRIER=1", {&held_by_host, 1}));
  barrier_ = std::move(pipe.read);
  barrier_deadline_ms_ = sys::monotonic_ms() + kBarrierMs;
  return {};
}

Result<> NotifyRelay::wait_until_ready(FdRef init) {
  // Without a deadline: how long a service takes to start is for its manager to judge. The end of
  // init ends it.
  while (init && socket_ && !told_) {
    const std::vector<bool> ready = TRY(sys::wait_readable({init, socket_}, -1));
    if (ready[1])
      take_message();
    else if (ready[0])
      return {};
  }
  return {};
}

void NotifyRelay::finish() {
  for (int taken = 0; socket_ && !told_ && taken < kLongestQueue; ++taken) {
    const Result<std::vector<bool>> ready = sys::wait_readable({socket_}, 0);
    if (!ready || !(*ready)[0]) break;
    take_message();
  }
  socket_.close();
  if (!barrier_) return;
  const std::int64_t left = std::max(barrier_deadline_ms_ - sys::monotonic_ms(), std::int64_t{0});
  const Result<std::vector<bool>> seen = sys::wait_readable({barrier_}, static_cast<int>(left));
  if (!seen || !(*seen)[0])
    log_(LogLevel::Warning, "NOTIFY_SOCKET: the host did not confirm readiness within 30 s");
  barrier_.close();
}

void NotifyRelay::warn(const Error& error) const {
  log_(LogLevel::Warning, cat("NOTIFY_SOCKET: ", error.message()));
}

}  // namespace brig::runtime
