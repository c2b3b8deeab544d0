// Golden plans: tests/golden/CASE/config.json on a described host gives CASE/plan.txt, line by
// line. After a change that is meant to change plans, BRIG_UPDATE_GOLDEN=1 brig_tests writes them
// anew; the difference is then for the reviewer to read.
#include "runtime/plan_text.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "runtime/outline.h"
#include "spec/default_spec.h"
#include "spec/load.h"
#include "sys/file.h"

namespace brig::runtime {
namespace {

constexpr std::uint64_t kEveryCapability = (std::uint64_t{1} << 41) - 1;

std::string golden_path(std::string_view name, std::string_view file) {
  return cat(BRIG_SOURCE_DIR "/tests/golden/", name, "/", file);
}

bool is_updating() {
  return std::getenv("BRIG_UPDATE_GOLDEN") != nullptr;
}

std::string read_golden(const std::string& path) {
  const Result<std::string> text = sys::read_file_at(FdRef::cwd(), path);
  EXPECT_TRUE(text) << text.error().message();
  return text ? *text : std::string();
}

void write_golden(const std::string& path, const std::string& text) {
  const Result<Fd> file = sys::open_at(FdRef::cwd(), path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ASSERT_TRUE(file) << file.error().message();
  ASSERT_TRUE(sys::write_all(*file, text));
}

void compare(const std::string& path, const std::string& text) {
  if (is_updating()) write_golden(path, text);
  EXPECT_EQ(read_golden(path), text)
      << path << "\nIf the new plan is right: BRIG_UPDATE_GOLDEN=1 brig_tests --gtest_filter="
      << "'GoldenPlans*', and read the difference";
}

CgroupFacts v2_host() {
  return {.mode = CgroupMode::V2,
          .v2 = {{.mount = "/sys/fs/cgroup",
                  .controllers = {"cpuset", "cpu", "io", "memory", "hugetlb", "pids"},
                  .own_path = "/user.slice/session-1.scope"}}};
}

CgroupHierarchy hierarchy(const std::string& mount, std::vector<std::string> controllers) {
  return {.mount = cat("/sys/fs/cgroup/", mount),
          .controllers = std::move(controllers),
          .own_path = "/"};
}

CgroupFacts v1_host() {
  return {.mode = CgroupMode::V1,
          .v1 = {hierarchy("systemd", {"name=systemd"}), hierarchy("memory", {"memory"}),
                 hierarchy("cpu,cpuacct", {"cpu", "cpuacct"}), hierarchy("devices", {"devices"}),
                 hierarchy("pids", {"pids"}), hierarchy("freezer", {"freezer"})}};
}

CgroupFacts hybrid_host() {
  CgroupFacts facts = v1_host();
  facts.mode = CgroupMode::Hybrid;
  facts.v2 = {{.mount = "/sys/fs/cgroup/unified", .own_path = "/"}};
  return facts;
}

HostFacts root_on(CgroupFacts cgroup) {
  return {.caller = {.capabilities = kEveryCapability},
          .has_proc_core = true,
          .cgroup = std::move(cgroup)};
}

// systemd gave this user a cgroup to manage.
HostFacts user_on_v2() {
  CgroupFacts cgroup = v2_host();
  cgroup.v2[0].delegated = "/user.slice/user-1000.slice";
  return {.caller = {.uid = 1000, .gid = 1000},
          .ids = {.uid = 1000,
                  .gid = 1000,
                  .may_map_any_uid = false,
                  .may_map_any_gid = false,
                  .newuidmap = "/usr/bin/newuidmap",
                  .newgidmap = "/usr/bin/newgidmap"},
          .may_clone_mounts = false,
          .has_proc_core = true,
          .cgroup = std::move(cgroup)};
}

struct GoldenCase {
  std::string name;
  std::string plan = "plan.txt";
  HostFacts facts = root_on(v2_host());
  CreateOptions options{};
  bool joins_are_owned_inside = false;
};

// As open_joined_namespaces() would find it.
NamespaceRequest request_of(const spec::Spec& spec, const GoldenCase& golden) {
  NamespaceRequest request = request_namespaces(*spec.linux_);
  for (NsPath& join : request.joined)
    join.owned_inside = golden.joins_are_owned_inside && join.ns != Ns::User;
  return request;
}

void check(const GoldenCase& golden) {
  SCOPED_TRACE(cat(golden.name, "/", golden.plan));
  Bundle bundle{.path = "/bundle", .rootfs = "/bundle/rootfs"};
  bundle.config = read_golden(golden_path(golden.name, "config.json"));
  Result<spec::Spec> spec =
      spec::load_spec({.name = "config.json", .bytes = bundle.config}, bundle.warnings);
  ASSERT_TRUE(spec) << spec.error().message();
  bundle.spec = std::move(*spec);
  CreateOptions options = golden.options;
  options.id = "web";
  CgroupRequest cgroup = cgroup_request(options, CgroupManager::Cgroupfs);
  cgroup.root = golden.facts.caller.uid == 0;
  const Result<CreatePlan> plan = plan_create({.spec = bundle.spec,
                                               .bundle = bundle,
                                               .facts = golden.facts,
                                               .options = options,
                                               .namespaces = request_of(bundle.spec, golden),
                                               .notify_dir = "/run/brig/web/notify"},
                                              cgroup);
  ASSERT_TRUE(plan) << plan.error().message();
  compare(golden_path(golden.name, golden.plan), describe(*plan));
}

TEST(GoldenPlans, DefaultSpec) {
  compare(golden_path("default", "config.json"), spec::default_spec_json({}));
  check({.name = "default"});
  check({.name = "default", .plan = "plan-hybrid.txt", .facts = root_on(hybrid_host())});
  check({.name = "default", .plan = "plan-v1.txt", .facts = root_on(v1_host())});
}

TEST(GoldenPlans, SmallestConfigurationOfANewcomer) {
  check({.name = "newcomer-small"});
}

TEST(GoldenPlans, TerminalOfANewcomerWithoutDevpts) {
  check({.name = "newcomer-terminal"});
  check({.name = "newcomer-terminal", .plan = "plan-v1.txt", .facts = root_on(v1_host())});
}

TEST(GoldenPlans, Podman) {
  check({.name = "podman"});
  check({.name = "podman", .plan = "plan-hybrid.txt", .facts = root_on(hybrid_host())});
  check({.name = "podman", .plan = "plan-v1.txt", .facts = root_on(v1_host())});
}

TEST(GoldenPlans, Docker) {
  check({.name = "docker"});
  check({.name = "docker", .plan = "plan-hybrid.txt", .facts = root_on(hybrid_host())});
  check({.name = "docker", .plan = "plan-v1.txt", .facts = root_on(v1_host())});
}

TEST(GoldenPlans, Containerd) {
  check({.name = "containerd"});
  check({.name = "containerd", .plan = "plan-v1.txt", .facts = root_on(v1_host())});
}

TEST(GoldenPlans, UserNamespaceOfAnOrdinaryUser) {
  check({.name = "user-namespace", .facts = user_on_v2()});
}

TEST(GoldenPlans, JoinedNamespaces) {
  check({.name = "joined-namespaces"});
}

// The network namespace of the user namespace can be entered only from inside it.
TEST(GoldenPlans, JoinedUserNamespaceAndWhatItOwns) {
  check({.name = "joined-user-namespace", .joins_are_owned_inside = true});
}

TEST(GoldenPlans, NoPivotAndNoKeyring) {
  check({.name = "no-pivot", .options = {.no_pivot = true, .no_new_keyring = true}});
}

TEST(GoldenPlans, HooksOfEveryKindAndANotifySocket) {
  check({.name = "hooks",
         .options = {.notify_socket = "/run/systemd/notify",
                     .preserve_fds = 1,
                     .listen_fds = 2,
                     .listen_fd_names = "http:admin"}});
}

TEST(GoldenPlans, ClocksNetworkDevicesMemoryAndSharesOfTheProcessor) {
  check({.name = "mechanisms"});
}

TEST(GoldenPlans, NoMountNamespace) {
  check({.name = "no-mount-namespace"});
}

TEST(PlanText, AnyTextStaysOnItsLine) {
  EXPECT_EQ(quoted("a\nb\"c\\\x7f"), R"("a\x0ab\"c\\\x7f")");
  EXPECT_EQ(plain_or_quoted("/a=b"), "/a=b");
  EXPECT_EQ(plain_or_quoted("a b"), R"("a b")");
  EXPECT_EQ(plain_or_quoted(""), R"("")");
}

TEST(PlanText, LongListsAreBrokenBetweenWords) {
  Outline out;
  out.title("list");
  out.words("words", std::vector<std::string>(12, "0123456789"));
  for (std::string text = out.text(); !text.empty();) {
    const std::size_t end = text.find('\n');
    EXPECT_LE(end, 100U);
    text.erase(0, end + 1);
  }
}

TEST(PlanText, OnOneLineAListIsWhole) {
  Outline out;
  out.title("list");
  out.words("words", {"a", "b"});
  out.below("of which one matters");
  ASSERT_EQ(out.sections().size(), 1U);
  const Outline::Step& step = out.sections()[0].steps.at(0);
  EXPECT_EQ(one_line(step), "words: a b");
  EXPECT_EQ(step.details, std::vector<std::string>{"of which one matters"});
}

TEST(PlanText, ATitleWithoutLinesDoesNotAppear) {
  Outline out;
  out.title("nothing");
  out.title("something");
  out.line("here");
  EXPECT_EQ(out.text(), "something\n  here\n");
}

}  // namespace
}  // namespace brig::runtime
