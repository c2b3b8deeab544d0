#include "runtime/inspect/executable.h"

#include <elf.h>
#include <gtest/gtest.h>

namespace brig::runtime {
namespace {

// As much of a header as tells the machine.
std::string header_of(std::uint8_t order, std::uint8_t first, std::uint8_t second) {
  std::string begin(20, '\0');
  begin.replace(0, SELFMAG, ELFMAG);
  begin[EI_CLASS] = ELFCLASS64;
  begin[EI_DATA] = static_cast<char>(order);
  begin[18] = static_cast<char>(first);
  begin[19] = static_cast<char>(second);
  return begin;
}

std::string said_of(std::string_view begin) {
  const std::optional<ExecutableFault> fault = fault_of_format(begin);
  return fault ? fault->what : "";
}

TEST(FaultOfFormat, AScriptAndAProgramForThisMachineAreFine) {
  EXPECT_EQ(said_of("#!/bin/sh\n"), "");
  EXPECT_EQ(said_of(header_of(ELFDATA2LSB, EM_X86_64, 0)), "");
  EXPECT_EQ(said_of(header_of(ELFDATA2LSB, EM_386, 0)), "");
}

TEST(FaultOfFormat, AnotherMachineIsCalledAsInAnImagesPlatform) {
  const auto fault = fault_of_format(header_of(ELFDATA2LSB, EM_AARCH64, 0));
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->what, "is a program for arm64, and this machine is amd64");
  EXPECT_TRUE(fault->may_be_emulated);
  EXPECT_EQ(said_of(header_of(ELFDATA2LSB, 0x34, 0x12)),
            "is a program for machine 4660, and this machine is amd64");
}

TEST(FaultOfFormat, TheFileNamesItsByteOrder) {
  EXPECT_EQ(said_of(header_of(ELFDATA2MSB, 0, EM_S390)),
            "is a program for s390x, and this machine is amd64");
  EXPECT_EQ(said_of(header_of(ELFDATA2MSB, EM_X86_64, 0)),
            "is a program for machine 15872, and this machine is amd64");
}

TEST(FaultOfFormat, WhatIsNoProgramIsSaidSo) {
  constexpr char kNeither[] = "is neither a program nor a script that says #! and by whom";
  EXPECT_EQ(said_of(""), "is an empty file");
  EXPECT_EQ(said_of("echo hello\n"), kNeither);
  EXPECT_EQ(said_of("\n#!/bin/sh\n"), kNeither);
  EXPECT_EQ(said_of(header_of(ELFDATA2LSB, EM_X86_64, 0).substr(0, 19)), kNeither);
}

}  // namespace
}  // namespace brig::runtime
