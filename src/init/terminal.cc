#include "init/terminal.h"

#include "base/host_paths.h"
#include "sys/mount.h"
#include "sys/socket.h"
#include "sys/terminal.h"

namespace brig {

namespace {

Result<Fd> private_devpts() {
  return sys::new_filesystem("devpts",
                             {{.key = "newinstance", .value = {}, .is_flag = true},
                              {.key = "ptmxmode", .value = "0600"},
                              {.key = "mode", .value = "0620"}},
                             0);
}

Result<> hand_over(const Init& init, FdRef master) {
  const std::int32_t socket = init.plan.fds.console_socket;
  if (socket < 0) return init.parent.send(TerminalReady{}, {&master, 1});
  const std::uint32_t number = TRY(sys::pty_number(master));
  // Receivers want at least one byte of data; runc sends the name, so that is what they get.
  const std::string name = cat(host_paths::kDev, "/pts/", number);
  return sys::send_message(FdRef::number(socket), name, {&master, 1});
}

Result<> use_as_stdio(const Init& init, FdRef slave) {
  // Only the leader of a session can have one; the trampoline's child will be that.
  if (!is_born_by_trampoline(init.plan)) TRY(sys::make_controlling_terminal(slave));
  for (const int stream : {0, 1, 2}) TRY(sys::duplicate_onto(slave, stream));
  return {};
}

Result<> open_pty(const Init& init, FdRef devpts) {
  const Fd master = TRY(sys::open_pty_master(devpts));
  const Fd slave = TRY(sys::open_pty_peer(master));
  const TerminalPlan& wanted = *init.plan.terminal;
  if (wanted.rows != 0 && wanted.columns != 0)
    TRY(sys::set_window_size(slave, {.rows = wanted.rows, .columns = wanted.columns}));
  TRY(hand_over(init, master));
  return use_as_stdio(init, slave);
}

}  // namespace

Result<Fd> open_terminal(const Init& init, FdRef devpts) {
  if (!init.plan.terminal) return Fd();
  init.stage = Stage::Terminal;
  Fd instance;
  if (!devpts) instance = TRY_DOING(private_devpts(), "process.terminal");
  TRY_DOING(open_pty(init, devpts ? devpts : FdRef(instance)), "process.terminal");
  return instance;
}

Result<> place_console(const Init& init, const Root& root) {
  if (!init.plan.terminal || init.plan.devices.links.empty()) return {};
  init.stage = Stage::Terminal;
  // Of a pty whose devpts is attached nowhere a mount can be made since Linux 6.15 only; such a
  // container (it has no /dev/pts either) goes without.
  const Result<Fd> pty = sys::clone_tree(FdRef::number(0), sys::Recursive::No);
  if (!pty) return {};
  const ContainerPath path{cat(host_paths::kDev, "/console")};
  const Place place = TRY_DOING(root.ensure_parent(path), path.text);
  // The image's own may be a link to anywhere: the mount goes onto a plain file of this name or
  // fails (CVE-2026-88264).
  const Fd target = TRY_DOING(open_plain_file(place), path.text);
  TRY_DOING(sys::attach_mount(*pty, target), path.text);
  return {};
}

}  // namespace brig
