#include "linux/cgroup/systemd/plan.h"

#include <gtest/gtest.h>

#include "spec/types.h"

namespace brig {
namespace {

constexpr std::uint64_t kInfinity = ~std::uint64_t{0};
const SystemdUnit kScope{.name = "brig-web.scope",
                         .slice = "system.slice",
                         .run_dir = "/run",
                         .cgroup = "/system.slice/brig-web.scope"};

// "CPUWeight=100 TasksMax=infinity AllowedCPUs=8f"
std::string text_of(const DbusValue& value) {
  if (value.signature == "s") return value.text;
  if (value.signature == "ay") {
    std::string out;
    for (const DbusValue& byte : value.items) {
      constexpr std::string_view kDigits = "0123456789abcdef";
      out += cat(kDigits[byte.number >> 4], kDigits[byte.number & 15]);
    }
    return out;
  }
  if (!value.items.empty() || value.signature[0] == 'a') {
    std::vector<std::string> parts;
    for (const DbusValue& item : value.items) parts.push_back(text_of(item));
    return cat(value.signature[0] == 'a' ? "[" : "(", join(parts, ","),
               value.signature[0] == 'a' ? "]" : ")");
  }
  return value.number == kInfinity ? "infinity" : cat(value.number);
}

std::string text_of(const std::vector<SystemdProperty>& properties) {
  std::vector<std::string> parts;
  for (const SystemdProperty& property : properties)
    parts.push_back(cat(property.name, "=", text_of(property.value)));
  return join(parts, " ");
}

struct LimitRow {
  const char* what;
  spec::Resources resources;
  const char* v2;
  const char* v1;
};

spec::Resources memory(spec::Memory value) {
  return {.memory = value};
}
spec::Resources cpu(spec::Cpu value) {
  return {.cpu = std::move(value)};
}

TEST(SystemdPlan, LimitsAsProperties) {
  const LimitRow rows[] = {
      {"nothing", {}, "", ""},
      {"memory", memory({.limit = 1000, .reservation = 500, .swap = 1500}),
       "MemoryMax=1000 MemoryLow=500 MemorySwapMax=500", "MemoryLimit=1000"},
      {"memory without a limit", memory({.limit = -1}), "MemoryMax=infinity MemorySwapMax=infinity",
       "MemoryLimit=infinity"},
      {"swap without a limit", memory({.limit = 1000, .swap = -1}),
       "MemoryMax=1000 MemorySwapMax=infinity", "MemoryLimit=1000"},
      {"no swap", memory({.limit = 1000, .swap = 1000}), "MemoryMax=1000 MemorySwapMax=0",
       "MemoryLimit=1000"},
      {"shares", cpu({.shares = 1024}), "CPUWeight=100", "CPUShares=1024"},
      {"idle", cpu({.shares = 1024, .idle = 1}), "CPUWeight=0", "CPUShares=1024"},
      {"quota", cpu({.period = 100'000, .quota = 50'000}),
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=500000",
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=500000"},
      {"quota rounded up to 10 ms", cpu({.period = 100'000, .quota = 33'333}),
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=340000",
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=340000"},
      {"quota of the default period", cpu({.quota = 10'000}),
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=100000",
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=100000"},
      {"no quota", cpu({.quota = -1}), "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=infinity",
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=infinity"},
      {"a quota beyond counting", cpu({.quota = std::int64_t{1} << 62}),
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=infinity",
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=infinity"},
      {"processors and nodes", cpu({.cpus = "0-3,7,9", .mems = "0"}),
       "AllowedCPUs=8f02 AllowedMemoryNodes=01", ""},
      {"pids", {.pids_limit = 7}, "TasksMax=7", "TasksMax=7"},
      {"pids without a limit", {.pids_limit = -1}, "TasksMax=infinity", "TasksMax=infinity"},
      {"no further process", {.pids_limit = 0}, "TasksMax=1", "TasksMax=1"},
      {"block I/O",
       {.block_io = spec::BlockIo{.weight = 1000,
                                  .weight_device = {{.major = 8, .minor = 16, .weight = 10}}}},
       "IOWeight=10000 IODeviceWeight=[(/dev/block/8:16,1)]",
       "BlockIOWeight=1000"},
      {"files of v2",
       {.unified = {{"memory.high", "5"},
                    {"memory.min", "max"},
                    {"cpu.max", "5000 10000"},
                    {"cpu.weight", "7"},
                    {"cpuset.cpus", "1"},
                    {"pids.max", "9"},
                    {"memory.oom.group", "1"},
                    {"memory.low", "nonsense"}}},
       "CPUWeight=7 MemoryHigh=5 MemoryMin=infinity TasksMax=9 CPUQuotaPeriodUSec=10000 "
       "CPUQuotaPerSecUSec=500000 AllowedCPUs=02",
       ""},
      {"files win", {.pids_limit = 3, .unified = {{"pids.max", "9"}}}, "TasksMax=9", "TasksMax=3"},
      {"idle by file", {.unified = {{"cpu.idle", "1"}, {"cpu.weight", "5"}}}, "CPUWeight=0", ""},
      {"unlimited by file",
       {.unified = {{"cpu.max", "max"}}},
       "CPUQuotaPeriodUSec=100000 CPUQuotaPerSecUSec=infinity",
       ""},
  };
  for (const LimitRow& row : rows) {
    const auto v2 = plan_systemd_properties(row.resources, CgroupMode::V2);
    ASSERT_TRUE(v2) << row.what << ": " << v2.error().message();
    EXPECT_EQ(text_of(*v2), row.v2) << row.what;
    EXPECT_EQ(text_of(plan_systemd_properties(row.resources, CgroupMode::Hybrid).value()), row.v1)
        << row.what;
    for (const SystemdProperty& property : *v2) EXPECT_TRUE(property.has_file) << property.name;
  }
}

TEST(SystemdPlan, AListOfProcessorsThatIsNoneIsRefused) {
  for (const char* list : {"x", "3-1", "0-", "0,,1", "-1", "0-99999999999", "65536"}) {
    const auto plan = plan_systemd_properties(cpu({.cpus = list}), CgroupMode::V2);
    ASSERT_FALSE(plan) << list;
    EXPECT_EQ(plan.error().message(),
              cat("linux.resources.cpu.cpus: '", list, "' is not a list such as 0-3,7"));
  }
}

TEST(SystemdPlan, AScopeIsToldThis) {
  const SystemdPlan plan = plan_systemd(kScope, {.pids_limit = 5}, {}, {.id = "web"}).value();
  EXPECT_EQ(plan.unit, kScope);
  EXPECT_EQ(text_of(plan.properties),
            "Description=brig container web DefaultDependencies=0 CollectMode=inactive-or-failed "
            "Slice=system.slice Delegate=1 TasksMax=5");
}

TEST(SystemdPlan, WithoutALimitTheDefaultOfSystemdIsNotOne) {
  const SystemdPlan plan = plan_systemd(kScope, {}, {}, {.id = "web"}).value();
  EXPECT_TRUE(text_of(plan.properties).ends_with(" TasksMax=infinity"));
}

TEST(SystemdPlan, ASliceIsBelowItsParentByItsName) {
  const SystemdUnit slice{.name = "a-b.slice", .slice = "a.slice", .run_dir = "/run"};
  EXPECT_EQ(text_of(plan_systemd(slice, {}, {}, {.id = "web"}).value().properties),
            "Description=brig container web DefaultDependencies=0 CollectMode=inactive-or-failed "
            "Wants=[a.slice] CPUAccounting=1 MemoryAccounting=1 TasksAccounting=1 IOAccounting=1");
}

TEST(SystemdPlan, OnV1DevicesOutliveAReload) {
  const SystemdFacts facts{
      .id = "web",
      .mode = CgroupMode::V1,
      .device_rules = {{.allow = false},
                       {.allow = true, .kind = CgroupDeviceKind::Char, .access = kDeviceMknod},
                       {.allow = true, .kind = CgroupDeviceKind::Char, .major = 1, .minor = 3},
                       {.allow = true, .kind = CgroupDeviceKind::Char, .major = 136},
                       {.allow = true, .kind = CgroupDeviceKind::Char, .major = 13},
                       {.allow = true,
                        .kind = CgroupDeviceKind::Block,
                        .major = 8,
                        .minor = 0,
                        .access = kDeviceRead}}};
  EXPECT_TRUE(text_of(plan_systemd(kScope, {}, {}, facts).value().properties)
                  .ends_with("DevicePolicy=strict DeviceAllow=[(char-*,m),(/dev/char/1:3,rwm),"
                             "(char-pts,rwm),(char-13,rwm),(/dev/block/8:0,r)]"));
}

TEST(SystemdPlan, OnV2TheDeviceProgramIsOurs) {
  const SystemdFacts facts{.id = "web", .mode = CgroupMode::V2, .device_rules = {{.allow = false}}};
  EXPECT_FALSE(text_of(plan_systemd(kScope, {}, {}, facts).value().properties).contains("Device"));
}

TEST(SystemdPlan, AnnotationsArePropertiesAndWin) {
  const Annotations annotations = {{"org.systemd.property.TimeoutStopUSec", "uint64 10"},
                                   {"org.systemd.property.RuntimeMaxSec", "5"},
                                   {"org.systemd.property.After", "['crio.service']"},
                                   {"org.systemd.property.DefaultDependencies", "true"},
                                   {"org.systemd.propertyX", "ignored"},
                                   {"other", "ignored"}};
  EXPECT_EQ(text_of(plan_systemd(kScope, {}, annotations, {.id = "web"}).value().properties),
            "Description=brig container web DefaultDependencies=1 CollectMode=inactive-or-failed "
            "Slice=system.slice Delegate=1 TasksMax=infinity After=[crio.service] "
            "RuntimeMaxUSec=5000000 TimeoutStopUSec=10");
}

TEST(SystemdPlan, AnAnnotationThatIsNoPropertyIsRefused) {
  const struct {
    const char* name;
    const char* text;
    const char* message;
  } rows[] = {
      {"Ab", "1", "'Ab' is not the name of a property"},
      {"Abc1", "1", "'Abc1' is not the name of a property"},
      {"", "1", "'' is not the name of a property"},
      {"After", "crio.service", "'crio.service': 'crio.service' is no value"},
      {"RuntimeMaxSec", "'5'", "a time in seconds is an integer"},
      {"RuntimeMaxSec", "-5", "the number of seconds is out of range"},
      {"RuntimeMaxSec", "uint64 18446744073709551615", "the number of seconds is out of range"},
  };
  for (const auto& row : rows) {
    const std::string name = cat("org.systemd.property.", row.name);
    const auto plan = plan_systemd(kScope, {}, {{name, row.text}}, {.id = "web"});
    ASSERT_FALSE(plan) << name;
    EXPECT_EQ(plan.error().message(), cat("annotations[\"", name, "\"]: ", row.message));
    EXPECT_EQ(plan.error().code(), Errc::BadConfig);
  }
}

}  // namespace
}  // namespace brig
