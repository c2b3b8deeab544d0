#include "linux/cpu_list.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

using Mask = std::vector<std::uint8_t>;

TEST(MaskOfList, SetsABitForEachProcessor) {
  EXPECT_EQ(mask_of_list("0"), Mask{0x01});
  EXPECT_EQ(mask_of_list("0-3,7"), Mask{0x8f});
  EXPECT_EQ(mask_of_list("8,1-2"), (Mask{0x06, 0x01}));
  EXPECT_EQ(mask_of_list("2047")->size(), 256U);
}

TEST(MaskOfList, WhatIsNoListIsNone) {
  for (const char* text : {"", ",", "1,", "3-1", "a", "1-", "-1", "1 ", "65536", "0-99999999999"})
    EXPECT_FALSE(mask_of_list(text)) << text;
}

}  // namespace
}  // namespace brig
