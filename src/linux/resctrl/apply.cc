#include "linux/resctrl/apply.h"

#include <cerrno>

#include "base/host_paths.h"
#include "base/text.h"
#include "sys/file.h"

namespace brig {

namespace {

constexpr std::uint32_t kResctrlMagic = 0x7655821;  // RDTGROUP_SUPER_MAGIC
constexpr mode_t kDirectoryMode = 0755;

std::string below(const ResctrlGroup& group, std::string_view name) {
  return group.name.empty() ? std::string(name) : cat(group.name, "/", name);
}

// What the kernel says of the last command: "Mask out of range", say.
std::unexpected<Error> explained(FdRef resctrl, Error error) {
  const Result<std::string> status = sys::read_file_at(resctrl, "info/last_cmd_status");
  const std::string_view words =
      status ? std::string_view(*status).substr(0, status->find('\n')) : std::string_view();
  if (!words.empty() && words != "ok") error.add_context(cat("resctrl says '", words, "'"));
  return std::unexpected(std::move(error));
}

// Whether it was made: where others may use it too it may be there.
Result<bool> make_directory(FdRef resctrl, const std::string& path) {
  Result<> made = sys::mkdir_at(resctrl, path, kDirectoryMode);
  if (made) return true;
  if (made.error().sys_errno() == EEXIST) return false;
  return explained(resctrl, std::move(made.error()));
}

Result<> check_schemata(FdRef resctrl, const ResctrlPlan& plan) {
  if (plan.schemata.empty()) return {};
  const std::string present = TRY(read_schemata(resctrl, plan.group));
  const std::optional<std::string> missing = missing_schema(plan.schemata, present);
  if (!missing) return {};
  return fail(Errc::BadConfig,
              cat("the group '", plan.group.name, "' is there and has not '", *missing, "'"));
}

Result<> acquire_group(FdRef resctrl, const ResctrlPlan& plan, std::vector<std::string>& made) {
  const ResctrlGroup& group = plan.group;
  if (group.name.empty()) return check_schemata(resctrl, plan);
  if (!group.owned && plan.schemata.empty()) {
    const bool exists = TRY(sys::exists_at(resctrl, group.name));
    if (exists) return {};
    return fail(Errc::NotFound,
                cat("there is no group '", group.name, "', and without a schema none is made"));
  }
  const bool is_new = TRY(make_directory(resctrl, group.name));
  if (is_new) made.push_back(group.name);
  if (!is_new && group.owned)
    return fail(Errc::Exists, cat("a group '", group.name, "' exists already"));
  return is_new ? Result<>() : check_schemata(resctrl, plan);
}

Result<> remove_directory(FdRef resctrl, const std::string& path) {
  Result<> removed = sys::rmdir_at(resctrl, path);
  if (!removed && removed.error().sys_errno() == ENOENT) return {};
  return removed;
}

}  // namespace

Result<Fd> open_resctrl() {
  Result<Fd> opened =
      sys::open_at(FdRef::cwd(), host_paths::kResctrl, O_PATH | O_DIRECTORY | O_NOFOLLOW);
  const Result<std::uint32_t> magic = opened ? sys::fs_magic(*opened) : 0;
  if (magic && *magic == kResctrlMagic) return opened;
  return fail(Errc::Unsupported,
              cat("no resctrl file system is mounted at ", host_paths::kResctrl));
}

Result<> acquire_resctrl(FdRef resctrl, const ResctrlPlan& plan, std::vector<std::string>& made) {
  TRY(acquire_group(resctrl, plan, made));
  if (plan.group.monitor.empty()) return {};
  const std::string monitor = below(plan.group, monitor_path(plan.group));
  const bool is_new = TRY(make_directory(resctrl, monitor));
  if (!is_new) return fail(Errc::Exists, cat("a monitoring group '", monitor, "' exists already"));
  made.push_back(monitor);
  return {};
}

Result<> fill_resctrl(FdRef resctrl, const ResctrlPlan& plan,
                      const std::vector<std::string>& made) {
  const bool is_new = !made.empty() && made.front() == plan.group.name;
  if (!is_new || plan.schemata.empty()) return {};
  return write_schemata(resctrl, plan.group, text_of(plan.schemata));
}

Result<std::string> read_schemata(FdRef resctrl, const ResctrlGroup& group) {
  return sys::read_file_at(resctrl, below(group, "schemata"));
}

// One write is one command; at an error what came before it in the text may have been done.
Result<> write_schemata(FdRef resctrl, const ResctrlGroup& group, std::string_view lines) {
  Result<> written = sys::write_file_at(resctrl, below(group, "schemata"), lines);
  if (!written) return explained(resctrl, std::move(written.error()));
  return {};
}

Result<> enter_resctrl(FdRef resctrl, const ResctrlGroup& group, pid_t pid) {
  std::vector<std::string> places = {below(group, "tasks")};
  if (!group.monitor.empty()) places.push_back(below(group, cat(monitor_path(group), "/tasks")));
  for (const std::string& place : places) {
    Result<> entered = sys::write_file_at(resctrl, place, cat(pid));
    if (!entered) return explained(resctrl, std::move(entered.error()));
  }
  return {};
}

Result<> undo_resctrl(FdRef resctrl, const std::vector<std::string>& made) {
  Result<> done;
  for (std::size_t i = made.size(); i > 0; --i) {
    Result<> removed = remove_directory(resctrl, made[i - 1]);
    if (done) done = std::move(removed);
  }
  return done;
}

Result<> remove_resctrl(FdRef resctrl, const ResctrlGroup& group) {
  std::vector<std::string> own;
  if (group.owned) own.push_back(group.name);
  if (!group.monitor.empty()) own.push_back(below(group, monitor_path(group)));
  return undo_resctrl(resctrl, own);
}

}  // namespace brig
