#include "runtime/inspect/interpreter.h"

#include <elf.h>
#include <gtest/gtest.h>

namespace brig::runtime {
namespace {

TEST(InterpreterOf, AScriptNamesItInItsFirstLine) {
  EXPECT_EQ(interpreter_of("#!/bin/sh\necho"), "/bin/sh");
  EXPECT_EQ(interpreter_of("#! /usr/bin/env  python3\n"), "/usr/bin/env");
  EXPECT_EQ(interpreter_of("#!\t/bin/sh"), "/bin/sh");
  EXPECT_EQ(interpreter_of("#!\n/bin/sh"), "");
  EXPECT_EQ(interpreter_of("#!"), "");
  EXPECT_EQ(interpreter_of("echo"), "");
  EXPECT_EQ(interpreter_of(""), "");
}

std::string executable(std::uint64_t offset, std::uint64_t size) {
  Elf64_Ehdr header{};
  std::copy_n(ELFMAG, SELFMAG, header.e_ident);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_phoff = sizeof header;
  header.e_phnum = 2;
  const Elf64_Phdr segments[] = {{.p_type = PT_LOAD},
                                 {.p_type = PT_INTERP, .p_offset = offset, .p_filesz = size}};
  std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
  bytes.append(reinterpret_cast<const char*>(segments), sizeof segments);
  return bytes + std::string("/lib/ld.so\0rest", 15);
}

constexpr std::uint64_t kText = sizeof(Elf64_Ehdr) + 2 * sizeof(Elf64_Phdr);

TEST(InterpreterOf, AnExecutableNamesItsLoader) {
  EXPECT_EQ(interpreter_of(executable(kText, 11)), "/lib/ld.so");
  EXPECT_EQ(interpreter_of(executable(kText, 15)), "/lib/ld.so");
}

TEST(InterpreterOf, OffsetsThatLeadOutOfTheFileLeadNowhere) {
  for (const auto& [offset, size] : {std::pair<std::uint64_t, std::uint64_t>{kText, 16},
                                     {kText + 16, 0},
                                     {~std::uint64_t{0}, 1},
                                     {kText, ~std::uint64_t{0}}})
    EXPECT_EQ(interpreter_of(executable(offset, size)), "") << offset << "+" << size;
  const std::string whole = executable(kText, 11);
  for (std::size_t length = 0; length < kText + 11; ++length)
    EXPECT_EQ(interpreter_of(std::string_view(whole).substr(0, length)), "") << length;
  std::string far = whole;
  far.replace(offsetof(Elf64_Ehdr, e_phoff), 8, 8, '\xff');
  EXPECT_EQ(interpreter_of(far), "");
}

}  // namespace
}  // namespace brig::runtime
