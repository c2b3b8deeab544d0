#include "sys/net_dev.h"

#include <gtest/gtest.h>

namespace brig::sys {
namespace {

constexpr std::string_view kText =
    "Inter-|   Receive                                                |  Transmit\n"
    " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop "
    "fifo colls carrier compressed\n"
    "    lo:    6534      58    0    0    0     0          0         0     6534      58    0    0  "
    "  "
    "0     0       0          0\n"
    "  eth0: 574504032   12359    1    2    3     4          5         6   549513    6667    7    "
    "8  "
    "  9    10      11         12\n";

TEST(ParseNetDev, TakesBothDirectionsOfEveryInterface) {
  const std::vector<NetworkInterface> found = parse_net_dev(kText);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(
      found[0],
      (NetworkInterface{
          .name = "lo", .rx_bytes = 6534, .rx_packets = 58, .tx_bytes = 6534, .tx_packets = 58}));
  EXPECT_EQ(found[1], (NetworkInterface{.name = "eth0",
                                        .rx_bytes = 574504032,
                                        .rx_packets = 12359,
                                        .rx_errors = 1,
                                        .rx_dropped = 2,
                                        .tx_bytes = 549513,
                                        .tx_packets = 6667,
                                        .tx_errors = 7,
                                        .tx_dropped = 8}));
}

TEST(ParseNetDev, ANameMayHoldAColon) {
  const std::vector<NetworkInterface> found =
      parse_net_dev("eth0:1:1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].name, "eth0:1");
  EXPECT_EQ(found[0].tx_bytes, 9U);
}

TEST(ParseNetDev, LeavesOutWhatItDoesNotUnderstand) {
  EXPECT_TRUE(parse_net_dev("").empty());
  EXPECT_TRUE(parse_net_dev("eth0: 1 2 3\nnonsense\n: \n").empty());
}

}  // namespace
}  // namespace brig::sys
