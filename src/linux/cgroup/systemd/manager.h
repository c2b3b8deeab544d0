// Units of a running systemd: made, changed and stopped over D-Bus.
//
// systemd does not move the container's process: on a host of our own it is born in the cgroup
// that the unit will have, which follows from the unit's name, and systemd finds it there. So
// nobody has to wait for anybody while systemd and init work side by side.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "linux/cgroup/systemd/connection.h"
#include "linux/cgroup/systemd/plan.h"

namespace brig {

inline constexpr std::int64_t kSystemdAnswerMs = 30'000;  // what other runtimes wait for a job

class SystemdManager {
 public:
  // The system's (kSystemRunDir) or a user's.
  static Result<SystemdManager> connect(const std::string& run_dir);

  // Its own cgroup, below which its slices are.
  Result<std::string> control_group();

  // Asks for the unit, with this process in it, and returns at once.
  Result<> request_start(const SystemdPlan& plan, pid_t pid);
  // Until the unit is there, with the process in the cgroup that was planned.
  Result<> await_start();

  // Until there is no such unit.
  Result<> stop(const SystemdUnit& unit, std::int64_t wait_ms = kSystemdAnswerMs);
  // Until they are in the cgroup's files.
  Result<> set_properties(const SystemdUnit& unit, const std::vector<SystemdProperty>& properties);

 private:
  struct Removal {
    std::string job, unit, result;
  };
  explicit SystemdManager(DbusConnection connection) : connection_(std::move(connection)) {}

  Result<std::uint32_t> call(const char* member, std::vector<DbusValue> arguments);
  Result<> send_start();
  Result<> start_anew(const DbusMessage& refusal);
  Result<DbusMessage> answer_to(std::uint32_t serial, std::int64_t deadline_ms);
  Result<DbusMessage> next(std::int64_t deadline_ms);
  Result<std::string> end_of_job(const std::string& job, std::int64_t deadline_ms);
  Result<> check_place() const;

  DbusConnection connection_;
  std::vector<Removal> removals_;  // of our unit's jobs, as far as they were told
  std::string unit_;               // whose jobs we listen for
  std::string sender_;             // on a bus: who answers for systemd
  SystemdPlan plan_;               // of the unit that is being started
  pid_t pid_ = -1;
  std::uint32_t start_serial_ = 0;
  bool was_reset_ = false;
};

// By a connection of their own. A unit that is not there needs no stop.
Result<> stop_systemd_unit(const SystemdUnit& unit);
Result<> update_systemd_unit(const SystemdUnit& unit,
                             const std::vector<SystemdProperty>& properties);

// systemd keeps a file for each transient unit that it has loaded: looking there asks nobody.
bool is_systemd_unit_loaded(const SystemdUnit& unit);

}  // namespace brig
