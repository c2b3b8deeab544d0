#include <sys/stat.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/host_paths.h"
#include "base/json.h"
#include "container/id.h"
#include "linux/cgroup/view.h"
#include "linux/mount/apply.h"
#include "runtime/caller.h"
#include "runtime/container.h"
#include "runtime/mount_ids.h"
#include "runtime/runtime.h"
#include "runtime/saved_mounts.h"
#include "runtime/spawn.h"
#include "spec/load.h"
#include "spec/namespaces.h"
#include "sys/file.h"

namespace brig::runtime {

namespace {

struct Change {
  const Settings& settings;
  const MountsOptions& options;
  Container container;
  Caller caller;
  spec::Spec spec;  // as it was at create
  InitPlan plan;
  Form form = Form::Copy;
};

Result<Change> open_change(const Settings& settings, const MountsOptions& options) {
  TRY(validate_id(options.id));
  // Two at once: the second starts from what the first has recorded.
  Container container = TRY(Container::open_locked(settings, options.id));
  TRY(check_has_process(container));
  Caller caller = TRY(probe_caller());
  spec::Spec spec = TRY(saved_spec(container.dir));
  if (!spec::creates_namespace(*spec.linux_, "mount"))
    return fail(Errc::Unsupported,
                "the container has no mount namespace of its own: its mounts are others' as well");
  return Change{.settings = settings,
                .options = options,
                .container = std::move(container),
                .caller = caller,
                .spec = std::move(spec),
                .plan = {},
                .form = Form::Copy};
}

Result<std::vector<spec::Mount>> load(const Change& change, spec::MountsFor what) {
  std::vector<std::string> warnings;
  std::vector<spec::Mount> mounts = TRY(
      spec::load_mounts({.name = change.options.document_name, .bytes = change.options.document},
                        change.spec, what, warnings));
  for (const std::string& warning : warnings) change.settings.log(LogLevel::Warning, warning);
  return mounts;
}

// "added.json:3:9: mounts[1].options: ..."
Error with_position(const Change& change, Error error) {
  const std::string text = error.frames();
  constexpr std::string_view kList = "mounts";
  if (!text.starts_with("mounts[")) return error;
  const std::string path = text.substr(kList.size(), text.find(": ") - kList.size());
  const json::Position at = json::locate(change.options.document, path);
  error.add_context(cat(change.options.document_name, ":", at.line, ":", at.column));
  return error;
}

// ---- the plan --------------------------------------------------------------------------------

// Nobody in the container can look at a process outside of its pid namespace; and that is where the
// mounts are changed from. As a copy of brig it could not be anywhere else (runtime/entry_plan.cc).
void plan_way_in(Change& change) {
  const NsSet of_container = change.container.record.namespaces;
  NsSet wanted;
  for (const Ns ns : {Ns::User, Ns::Mount, Ns::Network, Ns::Ipc, Ns::Cgroup})
    if (of_container.has(ns)) wanted.insert(ns);
  change.plan.enters = true;
  change.plan.namespaces =
      plan_entered_namespaces(wanted, EntryFork::Step, namespace_caller(change.caller));
  const bool is_hidden = of_container.has(Ns::Pid) && sys::is_single_threaded();
  change.form = is_hidden ? Form::Copy : Form::Image;
}

Result<> plan_addition(Change& change, const std::vector<spec::Mount>& added) {
  const Record& record = change.container.record;
  const MountFacts facts = mount_facts_of(record, change.spec, change.caller);
  MountChange& mounts = change.plan.mount_change.emplace();
  change.plan.mounts = TRY(plan_live_mounts(change.spec, added, facts, cgroup_view_of(record)));
  plan_way_in(change);
  const bool may_clone = TRY(probe_may_clone_mounts(change.caller));
  if (may_clone || change.plan.mounts.trees.empty()) return {};
  mounts.source = plan_source_namespace(namespace_caller(change.caller));
  // They have become the container's root then, and go on to its other namespaces.
  NsSet rest;
  for (const Ns ns : kAllNamespaces)
    if (ns != Ns::User && change.plan.namespaces.joined.has(ns)) rest.insert(ns);
  change.plan.namespaces = plan_entered_namespaces(rest, EntryFork::Step);
  return leave_trees_to_init(change.plan.mounts);
}

bool is_procfs(const MountStep& step) {
  const auto* fs = std::get_if<NewFilesystem>(&step.what);
  return fs != nullptr && fs->type == "proc";
}

// procfs shows the pid namespace of its maker. In that of the container there is a process that
// makes it, and does nothing else.
InitPlan plan_procfs_maker(const Change& change) {
  InitPlan maker{.enters = true, .mount_change = MountChange{.only_makes = true}};
  for (const MountStep& step : change.plan.mounts.steps)
    if (is_procfs(step)) maker.mounts.steps.push_back(step);
  NsSet wanted = change.plan.namespaces.joined;
  if (change.container.record.namespaces.has(Ns::User)) wanted.insert(Ns::User);
  wanted.insert(Ns::Pid);
  maker.namespaces =
      plan_entered_namespaces(wanted, EntryFork::Step, namespace_caller(change.caller));
  return maker;
}

// ---- the process -----------------------------------------------------------------------------

// A container's process that has come to be in our mount namespace has got out of its own.
Result<> check_mount_namespace(const Record& record) {
  const struct stat its = TRY(sys::stat_of(cat(host_paths::kProc, "/", record.pid, "/ns/mnt")));
  const struct stat ours = TRY(sys::stat_of(host_paths::kSelfMountNamespace));
  if (its.st_ino != ours.st_ino || its.st_dev != ours.st_dev) return {};
  return fail(Errc::Denied, "the container's process is in the mount namespace of the host");
}

Result<> open_trees(Change& change, Inheritance& inheritance) {
  InitPlan& plan = change.plan;
  if (plan.mounts.cloned_by_init) return {};
  Fd user;
  if (change.container.record.namespaces.has(Ns::User))
    user = TRY(sys::open_at(FdRef::cwd(),
                            cat(host_paths::kProc, "/", change.container.record.pid, "/ns/user"),
                            O_RDONLY));
  const MountIdNamespaces ids = TRY(open_mount_id_namespaces(plan.mounts, user));
  std::vector<Fd> trees = TRY(open_host_trees(plan.mounts, ids.of_tree));
  for (Fd& tree : trees) plan.fds.trees.push_back(inheritance.add(std::move(tree)));
  return {};
}

Result<> record_added(Change& change, const MountsAdded& added) {
  Record& record = change.container.record;
  const std::vector<std::size_t> first = first_steps(change.plan.mounts);
  if (first.size() != added.numbers.size())
    return fail(Errc::Protocol, "another number of mounts than was planned");
  for (std::size_t i = 0; i < first.size(); ++i)
    record.live_mounts.push_back({.target = change.plan.mounts.steps[first[i]].target,
                                  .number = added.numbers[i],
                                  .json_path = {}});
  return change.container.dir.replace_file(kStateFile, encode_record(record));
}

// What a process of ours in the container says and asks.
class ChangeServer {
 public:
  ChangeServer(Change& change, Spawned& process) : change_(change), process_(process) {}

  // Until its end of the channel closes. Where we fail first, closing ours has it undo its work.
  Result<std::vector<Fd>> serve() {
    while (true) {
      std::vector<Fd> fds;
      const std::optional<FromInit> message = TRY(process_.channel.receive(&fds));
      if (!message) return std::move(made_);
      TRY(take(*message, fds));
      TRY(process_.channel.send(Done{}));
    }
  }

 private:
  Result<> take(const FromInit& message, std::vector<Fd>& fds) {
    if (const auto* failed = std::get_if<Failed>(&message))
      return std::unexpected(Error::relayed(failed->code, failed->err, failed->text));
    if (const auto* forked = std::get_if<Forked>(&message)) return adopt(*forked);
    if (const auto* added = std::get_if<MountsAdded>(&message)) {
      TRY_DOING(record_added(change_, *added), "record the mounts");
      return {};
    }
    if (!std::holds_alternative<FilesystemMade>(message) || fds.size() != 1)
      return fail(Errc::Protocol, "an unexpected message of the process that changes the mounts");
    made_.push_back(std::move(fds[0]));
    return {};
  }

  Result<> adopt(const Forked& forked) {
    sys::Child sibling = TRY(open_sibling(forked.pid));
    ignore(sys::reap(process_.child.pidfd), "its task is done");
    process_.child = std::move(sibling);
    return {};
  }

  Change& change_;
  Spawned& process_;
  std::vector<Fd> made_;
};

Result<std::vector<Fd>> attend_to(Change& change, Spawned process) {
  Result<std::vector<Fd>> served = ChangeServer(change, process).serve();
  process.channel.close();
  const std::optional<sys::ExitStatus> end = TRY(sys::reap(process.child.pidfd));
  if (!served || (end && !end->signaled && end->code == 0)) return served;
  return fail(Errc::Protocol,
              cat("the process that changes the mounts ended while ", describe(process.stage())));
}

Result<> make_procfs(Change& change, Inheritance& inheritance) {
  const std::vector<MountStep>& steps = change.plan.mounts.steps;
  const NsSet of_container = change.container.record.namespaces;
  if (!of_container.has(Ns::Pid) || std::ranges::none_of(steps, is_procfs)) return {};
  InitPlan maker = plan_procfs_maker(change);
  Inheritance for_maker;
  Fd init = TRY(sys::pidfd_open(change.container.record.pid));
  maker.fds.container = for_maker.add(std::move(init));
  Spawned process = TRY(spawn(maker, for_maker, {}, Form::Image));
  for_maker = {};
  std::vector<Fd> made = TRY(attend_to(change, std::move(process)));
  change.plan.fds.filesystems.assign(steps.size(), -1);
  auto next = made.begin();
  for (std::size_t i = 0; i < steps.size() && next != made.end(); ++i)
    if (is_procfs(steps[i])) change.plan.fds.filesystems[i] = inheritance.add(std::move(*next++));
  return {};
}

Result<Spawned> spawn_into(Change& change) {
  Inheritance inheritance;
  // Its number is init's own for as long as this is open.
  Fd init = TRY(open_init(change.container.record));
  if (!init) return not_running();
  TRY(check_mount_namespace(change.container.record));
  change.plan.fds = {};
  change.plan.fds.container = inheritance.add(std::move(init));
  TRY(make_procfs(change, inheritance));
  TRY(open_trees(change, inheritance));
  return spawn(change.plan, inheritance, {}, change.form);
}

Result<> run_change(Change& change) {
  Spawned process = TRY(spawn_into(change));
  TRY(attend_to(change, std::move(process)));
  return {};
}

Result<> add(Change& change) {
  const std::vector<spec::Mount> added = TRY(load(change, spec::MountsFor::Adding));
  Result<> done = plan_addition(change, added);
  if (done && !added.empty()) done = run_change(change);
  if (!done) return std::unexpected(with_position(change, std::move(done).error()));
  return done;
}

void forget(std::vector<LiveMount>& there, const std::vector<LiveMount>& removed) {
  for (const LiveMount& gone : removed)
    std::erase_if(there, [&](const LiveMount& mount) { return mount.number == gone.number; });
}

Result<> remove(Change& change) {
  const std::vector<spec::Mount> removed = TRY(load(change, spec::MountsFor::Removing));
  Record& record = change.container.record;
  MountChange& mounts = change.plan.mount_change.emplace();
  mounts.removed = TRY(plan_removal(removed, record.live_mounts));
  if (mounts.removed.empty()) return {};
  plan_way_in(change);
  TRY(run_change(change));
  forget(record.live_mounts, mounts.removed);
  return change.container.dir.replace_file(kStateFile, encode_record(record));
}

}  // namespace

Result<> add_mounts(const Settings& settings, const MountsOptions& options) {
  Change change = TRY(open_change(settings, options));
  return add(change);
}

Result<> remove_mounts(const Settings& settings, const MountsOptions& options) {
  Change change = TRY(open_change(settings, options));
  Result<> done = remove(change);
  if (!done) return std::unexpected(with_position(change, std::move(done).error()));
  return done;
}

}  // namespace brig::runtime
