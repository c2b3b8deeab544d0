// The plan on its way to the container's init (base/wire.h).
#include "init/plan.h"

#include <gtest/gtest.h>

#include "base/wire.h"
#include "init/protocol.h"

namespace brig {
namespace {

template <class T>
void expect_round_trip(const T& value) {
  const Result<T> back = wire::decode<T>(wire::encode(value));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, value);
}

// One value for every member, and more than one where the number matters.
MountPlan full_mounts() {
  return {.trees = {{.source = "/srv",
                     .recursive = true,
                     .follow = false,
                     .shared_with_host = true,
                     .attributes = {1, 2, 3},
                     .recursive_attributes = {4, 5, 6},
                     .json_path = "mounts[0]"},
                    {.source = "/dev/null"}},
          .root = {.change = RootChange::ChrootOverRoot,
                   .path = "/bundle/rootfs",
                   .tree = {3},
                   .readonly = true,
                   .propagation = 7,
                   .recursive_propagation = true},
          .steps = {{.target = {"/proc"},
                     .what = NewFilesystem{.type = "proc",
                                           .parameters = {{"hidepid", "2"}, {"x", "", true}},
                                           .attributes = 14,
                                           .tmp_copy_up = true,
                                           .inherit_mode = true},
                     .follow_target = false},
                    {.target = {"/data"},
                     .what = TreeSlot{1},
                     .propagation = 8,
                     .recursive_propagation = true,
                     .covers_link = true,
                     .may_cover_proc = true},
                    {.target = {"/ro"}, .what = Remount{{1, 0, 0}}},
                    {.target = {"/cpu"}, .what = CopiedLink{"cpu,cpuacct"}}},
          .masked = {{"/proc/kcore"}, {"/proc/keys"}},
          .readonly = {{"/proc/sys"}},
          .null_device = {1},
          .devpts_step = 5,
          .dev_is_host = true};
}

NamespacePlan full_namespaces() {
  return {.born_in = {Ns::Mount, Ns::Pid},
          .joins = {{.ns = Ns::Network, .path = "/run/netns/a", .owned_inside = true}},
          .steps = {JoinNs{1}, UnshareNs{{Ns::Cgroup}}, ForkInto{{Ns::User, Ns::Time}}, MapIds{},
                    BecomeRoot{}},
          .created = {Ns::Mount, Ns::Pid, Ns::User, Ns::Time, Ns::Cgroup},
          .joined = {Ns::Network}};
}

CredentialPlan full_credentials() {
  return {.bounding = 1,
          .effective = 2,
          .permitted = 3,
          .inheritable = 4,
          .ambient = ~std::uint64_t{0},
          .dropped = 6,
          .uid = 1000,
          .gid = 1001,
          .groups = {5, 6, 7},
          .set_groups = false,
          .set_gid = false,
          .set_uid = false,
          .keep_capabilities = false,
          .umask = 077,
          .no_new_privileges = true,
          .warnings = {"one", "two"}};
}

Hook hook(const std::string& path) {
  return {.origin = "hooks.x[0]", .path = path, .argv = {"a", ""}, .envp = {"A=b"}, .timeout_s = 9};
}

InitPlan full_plan() {
  return {.namespaces = full_namespaces(),
          .rlimits = {{.resource = 7, .soft = 1, .hard = ~std::uint64_t{0}}},
          .limits_by_parent = true,
          .hostname = "web",
          .domainname = "example",
          .mounts = full_mounts(),
          .devices = {.nodes = {{.path = {"/dev/fuse"},
                                 .mode = 020666,
                                 .major = 10,
                                 .minor = 229,
                                 .uid = 1,
                                 .gid = 2,
                                 .bound_from_host = true,
                                 .json_path = "linux.devices[0]"}},
                      .links = {{"pts/ptmx", {"/dev/ptmx"}, true}}},
          .terminal = TerminalPlan{.rows = 24, .columns = 80},
          .sysctls = {{.key = "net.a", .path = "sys/net/a", .value = "1"}},
          .keyring = KeyringPlan{.name = "_ses.web", .permissions = 3},
          .personality = PersonalityPlan{.domain = 8},
          .memory_policy = MemoryPolicyPlan{.mode = 2, .nodes = {3, 4}},
          .credentials = full_credentials(),
          .seccomp = SeccompProgram{.bpf = std::string("\0\1\2", 3), .flags = 4},
          .identity = {.oci_version = "1.3.0",
                       .id = "web",
                       .bundle = "/bundle",
                       .annotations = {{"a", "b"}, {"c", ""}}},
          .hooks_of_parent = true,
          .create_container = {hook("/a"), hook("/b")},
          .start_container = {hook("/c")},
          .exec = {.argv = {"sh", "-c", "x\ny"},
                   .envp = {"PATH=/bin"},
                   .cwd = "/srv",
                   .add_home = true},
          .awaits_devices = true,
          .announce_ready = true,
          .mount_change = MountChange{.removed = {{.target = {"/a"}, .number = 1}},
                                      .source = full_namespaces(),
                                      .only_makes = true},
          .preserved_fds = 3,
          .fds = {.channel = 3,
                  .trees = {4, 5},
                  .joins = {6},
                  .console_socket = 7,
                  .start_fifo = 8,
                  .result_fifo = 9,
                  .trampoline = 10}};
}

TEST(InitPlanOnTheWire, EveryPartIsCarried) {
  expect_round_trip(full_namespaces());
  expect_round_trip(full_mounts());
  expect_round_trip(full_credentials());
  const InitPlan plan = full_plan();
  expect_round_trip(plan.rlimits);
  expect_round_trip(plan.devices);
  expect_round_trip(plan.terminal);
  expect_round_trip(plan.sysctls);
  expect_round_trip(plan.keyring);
  expect_round_trip(plan.personality);
  expect_round_trip(plan.memory_policy);
  expect_round_trip(plan.seccomp);
  expect_round_trip(plan.create_container);
}

// Types without a comparison: the same bytes again. A field that is left out would not be seen
// by that, so those are looked at.
TEST(InitPlanOnTheWire, IsCarriedAsAWhole) {
  const std::string bytes = wire::encode(full_plan());
  const Result<InitPlan> back = wire::decode<InitPlan>(bytes);
  ASSERT_TRUE(back);
  EXPECT_EQ(wire::encode(*back), bytes);
  EXPECT_EQ(back->mounts, full_mounts());
  EXPECT_EQ(back->identity.annotations, full_plan().identity.annotations);
  EXPECT_EQ(back->exec.argv, full_plan().exec.argv);
  EXPECT_TRUE(back->exec.add_home);
  EXPECT_EQ(back->fds.trees, full_plan().fds.trees);
  EXPECT_EQ(back->fds.trampoline, 10);
  EXPECT_EQ(back->mount_change->removed, full_plan().mount_change->removed);
  EXPECT_EQ(back->mount_change->source, full_namespaces());
  EXPECT_TRUE(back->mount_change->only_makes);
}

TEST(Protocol, MessagesAreCarriedWithTheirFields) {
  const FromInit sent =
      Failed{.code = Errc::Denied, .err = EACCES, .by_start_hook = true, .text = "exec"};
  const Result<FromInit> back = wire::decode<FromInit>(wire::encode(sent));
  ASSERT_TRUE(back);
  const auto* failed = std::get_if<Failed>(&*back);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->code, Errc::Denied);
  EXPECT_EQ(failed->err, EACCES);
  EXPECT_TRUE(failed->by_start_hook);
  EXPECT_EQ(failed->text, "exec");
}

TEST(InitPlanOnTheWire, EveryTruncatedPlanIsRefused) {
  const std::string bytes = wire::encode(full_plan());
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(wire::decode<InitPlan>(std::string_view(bytes).substr(0, size))) << size;
}

// What is decoded is either refused or a plan that can be encoded again.
TEST(InitPlanOnTheWire, AFlippedBitNeverDoesHarm) {
  std::string bytes = wire::encode(full_plan());
  std::size_t accepted = 0;
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const char mask = static_cast<char>(1 << (bit % 8));
    bytes[bit / 8] ^= mask;
    if (const Result<InitPlan> plan = wire::decode<InitPlan>(bytes)) {
      ++accepted;
      EXPECT_LE(wire::encode(*plan).size(), bytes.size()) << bit;  // a map may have lost a key
    }
    bytes[bit / 8] ^= mask;
  }
  EXPECT_GT(accepted, 0U);
  EXPECT_LT(accepted, bytes.size() * 8);
}

}  // namespace
}  // namespace brig
