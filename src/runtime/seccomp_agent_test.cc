#include "runtime/seccomp_agent.h"

#include <gtest/gtest.h>

namespace brig::runtime {
namespace {

TEST(ContainerProcessState, IsTheSpecificationsDocument) {
  const HookIdentity web{
      .oci_version = "1.3.0", .id = "web", .bundle = "/bundles/web", .annotations = {{"a", "b"}}};
  EXPECT_EQ(container_process_state({.container = web, .status = "creating", .metadata = "m"}, 42),
            R"({"ociVersion":"1.3.0","fds":["seccompFd"],"pid":42,"metadata":"m",)"
            R"("state":{"ociVersion":"1.3.0","id":"web","status":"creating","pid":42,)"
            R"("bundle":"/bundles/web","annotations":{"a":"b"}}})");
}

}  // namespace
}  // namespace brig::runtime
