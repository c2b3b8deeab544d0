#include "spec/write_resources.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "spec/parse.h"

namespace brig::spec {
namespace {

// Every member that there is, in the order of the writer.
constexpr const char kEverything[] =
    R"({"devices":[{"allow":false,"access":"rwm"},)"
    R"({"allow":true,"type":"c","major":-1,"minor":3,"access":"r"}],)"
    R"("memory":{"limit":1,"reservation":2,"swap":-1,"kernel":4,"kernelTCP":5,"swappiness":6,)"
    R"("disableOOMKiller":true,"useHierarchy":false,"checkBeforeUpdate":true},)"
    R"("cpu":{"shares":1,"quota":-1,"burst":3,"period":4,"realtimeRuntime":5,"realtimePeriod":6,)"
    R"("cpus":"0-1","mems":"0","idle":1},)"
    R"("pids":{"limit":-1},)"
    R"("blockIO":{"weight":10,"leafWeight":11,)"
    R"("weightDevice":[{"major":8,"minor":0,"weight":12,"leafWeight":13}],)"
    R"("throttleReadBpsDevice":[{"major":8,"minor":1,"rate":14}],)"
    R"("throttleWriteBpsDevice":[{"major":8,"minor":2,"rate":15}],)"
    R"("throttleReadIOPSDevice":[{"major":8,"minor":3,"rate":16}],)"
    R"("throttleWriteIOPSDevice":[{"major":8,"minor":4,"rate":17}]},)"
    R"("hugepageLimits":[{"pageSize":"2MB","limit":18446744073709551615}],)"
    R"("network":{"classID":7,"priorities":[{"name":"eth0","priority":8}]},)"
    R"("rdma":{"mlx5_0":{"hcaHandles":1,"hcaObjects":2}},)"
    R"("unified":{"memory.high":"1\n"}})";

TEST(ResourcesJson, LosesNothing) {
  const Result<json::Node> root = json::parse(kEverything);
  ASSERT_TRUE(root) << root.error().message();
  Findings findings;
  const Resources resources = parse_resources(*root, findings);
  EXPECT_TRUE(findings.empty());
  EXPECT_EQ(resources_json(resources), kEverything);
}

TEST(ResourcesJson, OfNothingIsAnEmptyObject) {
  EXPECT_EQ(resources_json({}), "{}");
}

}  // namespace
}  // namespace brig::spec
