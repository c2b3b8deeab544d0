#include "base/base64.h"

#include <gtest/gtest.h>

namespace brig {
namespace {

TEST(DecodeBase64, TheExamplesOfTheRfc) {
  EXPECT_EQ(decode_base64(""), "");
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9v"), "foo");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(decode_base64("+/8A"), std::string("\xfb\xff\0", 3));
}

TEST(DecodeBase64, WhatIsNotBase64IsNothing) {
  for (const char* text :
       {"Zg", "Zg=", "Z===", "====", "Zm9v=", "Zg==Zg==", "Zm9-", "Zm 9", "Zm9v\n"})
    EXPECT_EQ(decode_base64(text), std::nullopt) << text;
}

}  // namespace
}  // namespace brig
