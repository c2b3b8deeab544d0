#include "spec/update.h"

#include <gtest/gtest.h>

#include <string>

#include "spec/write_resources.h"

namespace brig::spec {
namespace {

ResourceUpdate update_from(std::string_view json) {
  std::vector<std::string> warnings;
  Result<ResourceUpdate> update = load_update({.name = "update", .bytes = json}, warnings);
  EXPECT_TRUE(update) << (update ? "" : update.error().message());
  return update ? std::move(*update) : ResourceUpdate{};
}

struct Outcome {
  std::string after, writes, error;
};

Outcome update(std::string_view before, std::string_view changes) {
  const ResourceUpdate wanted = update_from(changes);
  const Result<Resources> after = merge_resources(update_from(before).changes, wanted);
  if (!after) return {.after = {}, .writes = {}, .error = after.error().message()};
  return {.after = resources_json(*after),
          .writes = resources_json(resources_to_write(wanted, *after)),
          .error = {}};
}

struct Case {
  const char *before, *changes, *after, *writes;
};

constexpr Case kCases[] = {
    // What is not mentioned stays, and is not written.
    {R"({"pids":{"limit":7},"cpu":{"shares":9}})", R"({"cpu":{"cpus":"0"}})",
     R"({"cpu":{"shares":9,"cpus":"0"},"pids":{"limit":7}})", R"({"cpu":{"cpus":"0"}})"},
    // Quota and period are one setting, memory and swap another.
    {R"({"cpu":{"quota":5000,"period":10000}})", R"({"cpu":{"quota":6000}})",
     R"({"cpu":{"quota":6000,"period":10000}})", R"({"cpu":{"quota":6000,"period":10000}})"},
    {R"({"cpu":{"quota":5000}})", R"({"cpu":{"period":20000}})",
     R"({"cpu":{"quota":5000,"period":20000}})", R"({"cpu":{"quota":5000,"period":20000}})"},
    {R"({"memory":{"limit":100,"swap":300}})", R"({"memory":{"limit":200}})",
     R"({"memory":{"limit":200,"swap":300}})", R"({"memory":{"limit":200,"swap":300}})"},
    {R"({"memory":{"limit":100}})", R"({"memory":{"reservation":50}})",
     R"({"memory":{"limit":100,"reservation":50}})", R"({"memory":{"reservation":50}})"},
    {R"({"memory":{"limit":100,"swap":300}})", R"({"memory":{"limit":-1}})",
     R"({"memory":{"limit":-1,"swap":-1}})", R"({"memory":{"limit":-1,"swap":-1}})"},
    {R"({"memory":{"limit":100}})", R"({"memory":{"limit":-1,"swap":300}})",
     R"({"memory":{"limit":-1,"swap":300}})", R"({"memory":{"limit":-1,"swap":300}})"},
    // Zero is what engines send for "as it is".
    {R"({"cpu":{"shares":9,"quota":5000},"pids":{"limit":7},"blockIO":{"weight":20}})",
     R"({"cpu":{"shares":0,"quota":0,"period":0},"memory":{"limit":0,"swap":0},
         "pids":{"limit":0},"blockIO":{"weight":0}})",
     R"({"memory":{},"cpu":{"shares":9,"quota":5000},"pids":{"limit":7},"blockIO":{"weight":20}})",
     R"({"memory":{},"cpu":{},"blockIO":{}})"},
    {R"({"pids":{"limit":7}})", R"({"pids":{"limit":-1}})", R"({"pids":{"limit":-1}})",
     R"({"pids":{"limit":-1}})"},
    // An idle group has no weight.
    {R"({"cpu":{"shares":9}})", R"({"cpu":{"idle":1}})", R"({"cpu":{"idle":1}})",
     R"({"cpu":{"idle":1}})"},
    {R"({"cpu":{"idle":1}})", R"({"cpu":{"idle":0,"shares":9}})",
     R"({"cpu":{"shares":9,"idle":0}})", R"({"cpu":{"shares":9,"idle":0}})"},
    // Lists are merged by what their elements are about.
    {R"({"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":12,"leafWeight":13}],
                    "throttleReadBpsDevice":[{"major":8,"minor":0,"rate":1}]}})",
     R"({"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":20}],
                    "throttleReadBpsDevice":[{"major":8,"minor":1,"rate":3},
                                             {"major":8,"minor":0,"rate":2}]}})",
     R"({"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":20,"leafWeight":13}],)"
     R"("throttleReadBpsDevice":[{"major":8,"minor":0,"rate":2},{"major":8,"minor":1,"rate":3}]}})",
     R"({"blockIO":{"weightDevice":[{"major":8,"minor":0,"weight":20}],)"
     R"("throttleReadBpsDevice":[{"major":8,"minor":1,"rate":3},{"major":8,"minor":0,"rate":2}]}})"},
    {R"({"hugepageLimits":[{"pageSize":"2MB","limit":1}],"unified":{"memory.high":"1"},
         "rdma":{"a":{"hcaHandles":1}}})",
     R"({"hugepageLimits":[{"pageSize":"2MB","limit":2}],"unified":{"memory.low":"2"},
         "rdma":{"a":{"hcaObjects":2}}})",
     R"({"hugepageLimits":[{"pageSize":"2MB","limit":2}],)"
     R"("rdma":{"a":{"hcaHandles":1,"hcaObjects":2}},)"
     R"("unified":{"memory.high":"1","memory.low":"2"}})",
     R"({"hugepageLimits":[{"pageSize":"2MB","limit":2}],"rdma":{"a":{"hcaObjects":2}},)"
     R"("unified":{"memory.low":"2"}})"},
    // Device rules are all replaced or not touched.
    {R"({"devices":[{"allow":false}]})", R"({"pids":{"limit":1}})",
     R"({"devices":[{"allow":false}],"pids":{"limit":1}})", R"({"pids":{"limit":1}})"},
    {R"({"devices":[{"allow":false}]})", R"({"devices":[{"allow":true}]})",
     R"({"devices":[{"allow":true}]})", R"({"devices":[{"allow":true}]})"},
    {R"({"devices":[{"allow":false}]})", R"({"devices":[]})", "{}", "{}"},
};

TEST(Update, MergesAndWritesWhatCountsTogether) {
  for (const Case& each : kCases) {
    const Outcome outcome = update(each.before, each.changes);
    EXPECT_EQ(outcome.error, "") << each.changes;
    EXPECT_EQ(outcome.after, each.after) << each.changes;
    EXPECT_EQ(outcome.writes, each.writes) << each.changes;
  }
}

TEST(Update, TellsWhetherDevicesAreReplaced) {
  EXPECT_FALSE(update_from("{}").replaces_devices);
  EXPECT_FALSE(update_from(R"({"devices":null})").replaces_devices);
  EXPECT_TRUE(update_from(R"({"devices":[]})").replaces_devices);
}

TEST(Update, RefusesWhatDoesNotGoTogetherWithWhatIsThere) {
  EXPECT_EQ(update(R"({"memory":{"limit":100,"swap":100}})", R"({"memory":{"limit":200}})").error,
            "linux.resources.memory.swap: 100 is below the memory limit of 200, which it includes");
  EXPECT_EQ(update(R"({"cpu":{"quota":5000,"burst":4000}})", R"({"cpu":{"quota":3000}})").error,
            "linux.resources.cpu.burst: 4000 exceeds the quota of 3000");
  EXPECT_EQ(update(R"({"cpu":{"idle":1}})", R"({"cpu":{"shares":100}})").error,
            "linux.resources.cpu.shares: an idle container has none (cpu.idle is 1)");
}

}  // namespace
}  // namespace brig::spec
