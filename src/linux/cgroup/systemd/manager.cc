#include "linux/cgroup/systemd/manager.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/host_paths.h"
#include "linux/cgroup/parse.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig {

namespace {

constexpr char kService[] = "org.freedesktop.systemd1";
constexpr char kObject[] = "/org/freedesktop/systemd1";
constexpr char kManager[] = "org.freedesktop.systemd1.Manager";
constexpr char kUnitExists[] = "org.freedesktop.systemd1.UnitExists";
constexpr char kNoSuchUnit[] = "org.freedesktop.systemd1.NoSuchUnit";

struct Socket {
  std::string path;
  DbusPeer peer;
};

std::vector<Socket> sockets_of(const std::string& run_dir) {
  const bool system = run_dir == kSystemRunDir;
  return {{run_dir + "/systemd/private", DbusPeer::Systemd},
          {run_dir + (system ? "/dbus/system_bus_socket" : "/bus"), DbusPeer::Bus}};
}

bool may_be_elsewhere(const Error& error) {
  const int why = error.sys_errno();
  return why == ENOENT || why == ECONNREFUSED || why == EACCES || why == EPERM;
}

DbusValue as_arguments(const std::vector<SystemdProperty>& properties) {
  std::vector<DbusValue> items;
  for (const SystemdProperty& property : properties)
    items.push_back(dbus::structure({dbus::text(property.name), dbus::variant(property.value)}));
  return dbus::array("(sv)", std::move(items));
}

// What an error or a job's answer says: one text in front of whatever else.
std::string first_text(const DbusMessage& message) {
  const Result<std::vector<DbusValue>> body = decode_body(message);
  return body && !body->empty() ? (*body)[0].text : std::string();
}

std::unexpected<Error> refused(const DbusMessage& message) {
  const Errc code = message.error == kUnitExists ? Errc::Exists : Errc::System;
  return fail(code, cat(first_text(message), " (", message.error, ")"));
}

bool is_in_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool has_word(std::string_view text, std::string_view word) {
  const std::size_t at = text.find(word);
  if (at == std::string_view::npos) return false;
  const std::size_t end = at + word.size();
  return (at == 0 || !is_in_word(text[at - 1])) && (end == text.size() || !is_in_word(text[end]));
}

// "Cannot set property AllowedCPUs, or unknown property.": what an older systemd does not know,
// or not with this value, and does not need to, it can go without. To ask for its version first
// would cost everybody a round trip.
bool drop_unknown(const DbusMessage& refusal, std::vector<SystemdProperty>& properties) {
  const bool about_property = refusal.error == "org.freedesktop.DBus.Error.PropertyReadOnly" ||
                              refusal.error == "org.freedesktop.DBus.Error.UnknownProperty" ||
                              refusal.error == "org.freedesktop.DBus.Error.InvalidArgs";
  if (!about_property) return false;
  const std::string text = first_text(refusal);
  return std::erase_if(properties, [&](const SystemdProperty& property) {
           return property.has_file && has_word(text, property.name);
         }) > 0;
}

std::int64_t deadline() {
  return sys::monotonic_ms() + kSystemdAnswerMs;
}

}  // namespace

Result<SystemdManager> SystemdManager::connect(const std::string& run_dir) {
  std::vector<std::string> reasons;
  for (const Socket& socket : sockets_of(run_dir)) {
    Result<DbusConnection> connection = DbusConnection::open(socket.path, socket.peer);
    if (connection) return SystemdManager(std::move(*connection));
    if (!may_be_elsewhere(connection.error()))
      return std::unexpected(std::move(connection).error());
    reasons.push_back(connection.error().message());
  }
  return fail(Errc::Unsupported, cat("no systemd answers: ", join(reasons, "; ")));
}

Result<std::uint32_t> SystemdManager::call(const char* member, std::vector<DbusValue> arguments) {
  return connection_.send({.destination = kService,
                           .path = kObject,
                           .interface = kManager,
                           .member = member,
                           .arguments = std::move(arguments)});
}

// The next message that is an answer; the ends of our unit's jobs are noted on the way.
Result<DbusMessage> SystemdManager::next(std::int64_t deadline_ms) {
  DbusMessage message = TRY(connection_.receive(deadline_ms));
  if (message.type != DbusType::Signal || message.member != "JobRemoved" ||
      message.interface != kManager || message.signature != "uoss")
    return message;
  const std::vector<DbusValue> body = TRY(decode_body(message));
  // On a bus anybody could send us this; who answered us is systemd.
  if (body[2].text == unit_ && (sender_.empty() || sender_ == message.sender))
    removals_.push_back({.job = body[1].text, .unit = body[2].text, .result = body[3].text});
  return message;
}

Result<DbusMessage> SystemdManager::answer_to(std::uint32_t serial, std::int64_t deadline_ms) {
  while (true) {
    DbusMessage message = TRY(next(deadline_ms));
    const bool answers = message.type == DbusType::Return || message.type == DbusType::Error;
    if (!answers || message.reply_to != serial) continue;
    sender_ = message.sender;
    return message;
  }
}

Result<std::string> SystemdManager::end_of_job(const std::string& job, std::int64_t deadline_ms) {
  while (true) {
    for (const Removal& removal : removals_)
      if (removal.job == job) return removal.result;
    TRY(next(deadline_ms));
  }
}

Result<std::string> SystemdManager::control_group() {
  const std::uint32_t serial =
      TRY(connection_.send({.destination = kService,
                            .path = kObject,
                            .interface = "org.freedesktop.DBus.Properties",
                            .member = "Get",
                            .arguments = {dbus::text(kManager), dbus::text("ControlGroup")}}));
  const DbusMessage answer =
      TRY_DOING(answer_to(serial, deadline()), "wait for systemd to name its cgroup");
  if (answer.type == DbusType::Error) return refused(answer);
  const std::vector<DbusValue> body = TRY(decode_body(answer));
  if (answer.signature != "v" || body[0].items[0].signature != "s")
    return fail(Errc::Protocol, "systemd does not name its cgroup");
  return body[0].items[0].text;
}

Result<> SystemdManager::request_start(const SystemdPlan& plan, pid_t pid) {
  plan_ = plan;
  pid_ = pid;
  unit_ = plan.unit.name;
  return send_start();
}

Result<> SystemdManager::send_start() {
  std::vector<SystemdProperty> properties = plan_.properties;
  // A slice holds units; our process is in its cgroup without systemd's help.
  if (!is_slice(plan_.unit))
    properties.push_back(
        {.name = "PIDs",
         .value = dbus::array("u", {dbus::uint32(static_cast<std::uint32_t>(pid_))})});
  start_serial_ =
      TRY(call("StartTransientUnit", {dbus::text(unit_), dbus::text("replace"),
                                      as_arguments(properties), dbus::array("(sa(sv))", {})}));
  return {};
}

// A refusal that another attempt can do something about; any other is the error.
Result<> SystemdManager::start_anew(const DbusMessage& refusal) {
  if (refusal.error == kUnitExists && !was_reset_) {
    // One that failed stays loaded until somebody takes note.
    was_reset_ = true;
    TRY(call("ResetFailedUnit", {dbus::text(unit_)}));
    return send_start();
  }
  if (drop_unknown(refusal, plan_.properties)) return send_start();
  return refused(refusal);
}

Result<> SystemdManager::await_start() {
  const std::int64_t until = deadline();
  std::optional<DbusMessage> answer;
  while (!answer) {
    answer = TRY_DOING(answer_to(start_serial_, until), "wait for systemd to start ", unit_);
    if (answer->type == DbusType::Return) break;
    TRY_DOING(start_anew(*answer), "start ", unit_, " with systemd");
    answer.reset();
  }
  const std::string result =
      TRY_DOING(end_of_job(first_text(*answer), until), "wait for systemd to start ", unit_);
  if (result == "done") return check_place();
  return fail(Errc::System, cat("start ", unit_, " with systemd: the job ended with '", result,
                                "': journalctl -u ", unit_, " may say why"));
}

Result<> SystemdManager::check_place() const {
  const std::string text =
      TRY(sys::read_file_at(FdRef::cwd(), cat(host_paths::kProc, "/", pid_, "/cgroup")));
  std::string found;
  for (const std::string_view line : split(text, '\n')) {
    const bool systemds = line.starts_with("0::") || line.contains(":name=systemd:");
    if (!systemds) continue;
    found = line.substr(line.find('/'));
    if (found == plan_.unit.cgroup) return {};
  }
  return fail(Errc::System, cat("systemd has put process ", pid_, " into the cgroup ", found,
                                " and not into ", plan_.unit.cgroup));
}

Result<> SystemdManager::stop(const SystemdUnit& unit, std::int64_t wait_ms) {
  const std::int64_t until = sys::monotonic_ms() + wait_ms;
  unit_ = unit.name;
  const std::uint32_t serial =
      TRY(call("StopUnit", {dbus::text(unit.name), dbus::text("replace")}));
  const DbusMessage answer =
      TRY_DOING(answer_to(serial, until), "wait for systemd to stop ", unit_);
  if (answer.type == DbusType::Error && answer.error == kNoSuchUnit) return {};
  if (answer.type == DbusType::Error) return refused(answer);
  TRY_DOING(end_of_job(first_text(answer), until), "wait for systemd to stop ", unit_);
  if (!is_systemd_unit_loaded(unit)) return {};
  // Not collected yet, or one that failed and whose properties keep it until somebody takes note.
  const std::uint32_t reset = TRY(call("ResetFailedUnit", {dbus::text(unit.name)}));
  TRY_DOING(answer_to(reset, until), "wait for systemd to forget ", unit_);
  return {};
}

Result<> SystemdManager::set_properties(const SystemdUnit& unit,
                                        const std::vector<SystemdProperty>& properties) {
  const std::int64_t until = deadline();
  std::vector<SystemdProperty> left = properties;
  while (!left.empty()) {
    const std::uint32_t serial = TRY(call(
        "SetUnitProperties", {dbus::text(unit.name), dbus::boolean(true), as_arguments(left)}));
    // systemd answers first and writes its files then: what it is asked next comes after that.
    const std::uint32_t ping = TRY(connection_.send({.destination = kService,
                                                     .path = kObject,
                                                     .interface = "org.freedesktop.DBus.Peer",
                                                     .member = "Ping"}));
    const DbusMessage answer =
        TRY_DOING(answer_to(serial, until), "wait for systemd to change ", unit.name);
    TRY_DOING(answer_to(ping, until), "wait for systemd to change ", unit.name);
    if (answer.type == DbusType::Return) return {};
    if (!drop_unknown(answer, left)) return refused(answer);
  }
  return {};
}

Result<> stop_systemd_unit(const SystemdUnit& unit) {
  SystemdManager manager = TRY(SystemdManager::connect(unit.run_dir));
  TRY_DOING(manager.stop(unit), "stop ", unit.name);
  return {};
}

Result<> update_systemd_unit(const SystemdUnit& unit,
                             const std::vector<SystemdProperty>& properties) {
  SystemdManager manager = TRY(SystemdManager::connect(unit.run_dir));
  TRY_DOING(manager.set_properties(unit, properties), "change ", unit.name, " with systemd");
  return {};
}

bool is_systemd_unit_loaded(const SystemdUnit& unit) {
  const Result<bool> loaded =
      sys::exists_at(FdRef::cwd(), cat(unit.run_dir, "/systemd/transient/", unit.name));
  return !loaded || *loaded;
}

}  // namespace brig
