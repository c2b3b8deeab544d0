#include "runtime/record.h"

#include <gtest/gtest.h>

namespace brig::runtime {
namespace {

Record full() {
  return {.id = "web",
          .bundle = "/bundle \"x\"",
          .rootfs = "/bundle/rootfs",
          .oci_version = "1.3.0",
          .created = "2026-01-02T03:04:05.000000006Z",
          .owner = 1000,
          .annotations = {{"a", "b"}, {"with\nnewline", ""}},
          .cgroup = {.mode = CgroupMode::Hybrid,
                     .v1 = {{.mount = "/cg/memory", .path = "/brig/web", .controllers = "memory"}},
                     .v2 = {{.mount = "/cg/unified", .path = "/brig/web"}}},
          .unit = SystemdUnit{.name = "x-web.scope",
                              .slice = "a.slice",
                              .run_dir = "/run/user/1000",
                              .cgroup = "/a.slice/x-web.scope"},
          .complete = true,
          .pid = 4242,
          .start_time = 18'446'744'073'709'551'615U,
          .own_pid_namespace = true,
          .resctrl = ResctrlGroup{.name = "web", .owned = true, .monitor = "web"},
          .live_mounts = {{.target = {"/a"}, .number = ~std::uint64_t{0}, .json_path = {}},
                          {.target = {"/b \"x\""}, .number = 1, .json_path = {}}}};
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, std::string::npos) << what;
  return at == std::string::npos ? text : text.replace(at, what.size(), with);
}

std::string error_of(std::string_view text) {
  const Result<Record> record = parse_record(text);
  return record ? "no error" : record.error().message();
}

TEST(Record, ComesBackAsItWas) {
  const Record before = full();
  const Result<Record> after = parse_record(encode_record(before));
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(after->id, before.id);
  EXPECT_EQ(after->bundle, before.bundle);
  EXPECT_EQ(after->rootfs, before.rootfs);
  EXPECT_EQ(after->oci_version, before.oci_version);
  EXPECT_EQ(after->created, before.created);
  EXPECT_EQ(after->owner, before.owner);
  EXPECT_EQ(after->annotations, before.annotations);
  EXPECT_EQ(after->cgroup, before.cgroup);
  EXPECT_EQ(after->unit, before.unit);
  EXPECT_TRUE(after->complete);
  EXPECT_EQ(after->pid, before.pid);
  EXPECT_EQ(after->start_time, before.start_time);
  EXPECT_TRUE(after->own_pid_namespace);
  EXPECT_EQ(after->resctrl, before.resctrl);
  EXPECT_EQ(after->live_mounts, before.live_mounts);
}

TEST(Record, OfAResctrlGroupElsewhereIsRefused) {
  Record record = full();
  record.resctrl->name = "../x";
  EXPECT_EQ(error_of(encode_record(record)),
            "state.json: '../x' is not the name of a resctrl group");
}

TEST(Record, OfAnIntentHasNoProcess) {
  const Result<Record> record = parse_record(encode_record({.id = "web"}));
  ASSERT_TRUE(record);
  EXPECT_FALSE(record->complete);
  EXPECT_EQ(record->pid, 0);
  EXPECT_FALSE(record->unit);
  EXPECT_EQ(record->cgroup, CgroupPaths{});
}

// A file that a power failure cut short is damaged, never half believed.
TEST(Record, EveryTruncationIsRefused) {
  const std::string text = encode_record(full());
  const std::size_t end = text.find_last_of('}');
  for (std::size_t size = 0; size <= end; ++size)
    EXPECT_FALSE(parse_record(std::string_view(text).substr(0, size))) << size;
}

TEST(Record, AnyOtherByteAnywhereDoesNoHarm) {
  const std::string text = encode_record(full());
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const char wrong : {'\0', '"', '{', '9', '-', '\xff'}) {
      std::string damaged = text;
      damaged[at] = wrong;
      const Result<Record> record = parse_record(damaged);
      EXPECT_TRUE(record || !record.error().message().empty());
    }
  }
}

TEST(Record, OfAnotherVersionIsRefused) {
  const std::string text = encode_record(full());
  const std::string expected = "state.json: not the state of a container of this version";
  EXPECT_EQ(error_of(replaced(text, "\"version\":1", "\"version\":2")), expected);
  EXPECT_EQ(error_of(replaced(text, "\"mode\":2", "\"mode\":9")), expected);
  EXPECT_EQ(error_of("{}"), expected);
  EXPECT_EQ(error_of("[]"), expected);
  EXPECT_EQ(error_of(R"({"version":1,"cgroup":7})"), "no error");
  EXPECT_TRUE(error_of("").starts_with("state.json: "));
}

// What delete kills and removes must be a cgroup, whoever wrote the file.
TEST(Record, CgroupsOutsideTheirMountAreRefused) {
  const std::string text = encode_record(full());
  for (const char* path : {"/../../etc", "/", "", "relative", "/a//b"}) {
    const std::string damaged =
        replaced(text, "\"path\":\"/brig/web\"", cat("\"path\":\"", path, "\""));
    EXPECT_TRUE(error_of(damaged).starts_with("state.json: '"))
        << path << ": " << error_of(damaged);
  }
}

TEST(Record, ValuesOfTheWrongTypeCountAsAbsent) {
  const std::string text = replaced(encode_record(full()), "\"pid\":4242", "\"pid\":\"4242\"");
  const Result<Record> record = parse_record(text);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->pid, 0);
  EXPECT_EQ(parse_record(replaced(encode_record(full()), "\"pid\":4242", "\"pid\":-1"))->pid, 0);
}

}  // namespace
}  // namespace brig::runtime
