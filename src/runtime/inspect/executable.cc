#include "runtime/inspect/executable.h"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "runtime/inspect/interpreter.h"
#include "spec/findings.h"

namespace brig::runtime {

namespace {

struct Machine {
  std::uint16_t number;
  std::string_view name;  // as in the platform of an image
};
constexpr Machine kMachines[] = {
    {EM_X86_64, "amd64"},  {EM_AARCH64, "arm64"}, {EM_386, "386"},
    {EM_ARM, "arm"},       {EM_PPC64, "ppc64le"}, {EM_S390, "s390x"},
    {EM_RISCV, "riscv64"}, {EM_MIPS, "mips64le"}, {EM_LOONGARCH, "loong64"}};

#if defined(__x86_64__)
constexpr std::uint16_t kOurs[] = {EM_X86_64, EM_386};
#elif defined(__aarch64__)
constexpr std::uint16_t kOurs[] = {EM_AARCH64, EM_ARM};
#elif defined(__riscv)
constexpr std::uint16_t kOurs[] = {EM_RISCV};
#elif defined(__powerpc64__)
constexpr std::uint16_t kOurs[] = {EM_PPC64};
#elif defined(__s390x__)
constexpr std::uint16_t kOurs[] = {EM_S390};
#endif

std::string name_of(std::uint16_t machine) {
  const auto* known = std::ranges::find(kMachines, machine, &Machine::number);
  if (known == std::end(kMachines)) return cat("machine ", machine);
  return std::string(known->name);
}

// e_machine, in the byte order that the file itself names.
std::optional<std::uint16_t> machine_of(std::string_view begin) {
  constexpr std::size_t kAt = offsetof(Elf64_Ehdr, e_machine);  // the same for 32 bits
  if (!begin.starts_with(ELFMAG) || begin.size() < kAt + 2) return std::nullopt;
  const auto first = static_cast<std::uint8_t>(begin[kAt]);
  const auto second = static_cast<std::uint8_t>(begin[kAt + 1]);
  const bool big = begin[EI_DATA] == ELFDATA2MSB;
  return static_cast<std::uint16_t>(big ? first << 8 | second : second << 8 | first);
}

ExecutableFault of_another_machine(std::uint16_t machine) {
  return {.what = cat("is a program for ", name_of(machine), ", and this machine is ",
                      name_of(kOurs[0])),
          .remedy = "take an image of this platform, or install an emulator (qemu-user-binfmt)",
          .may_be_emulated = true};
}

}  // namespace

std::optional<ExecutableFault> fault_of_format(std::string_view begin) {
  if (begin.starts_with("#!")) return std::nullopt;
  if (begin.empty())
    return ExecutableFault{.what = "is an empty file", .remedy = "copy the program again"};
  const std::optional<std::uint16_t> machine = machine_of(begin);
  if (!machine)
    return ExecutableFault{.what = "is neither a program nor a script that says #! and by whom",
                           .remedy = "begin a shell script with #!/bin/sh"};
  if (std::ranges::find(kOurs, *machine) != std::end(kOurs)) return std::nullopt;
  return of_another_machine(*machine);
}

std::optional<ExecutableFault> fault_of_executable(const ContainerFiles& files,
                                                   const std::string& program,
                                                   const std::string& cwd) {
  const Result<struct stat> info = files.look(program, cwd);
  const std::string begin = files.begin_of(program, cwd, kInterpreterBytes);
  if (!info || (begin.empty() && info->st_size > 0)) return std::nullopt;
  if (std::optional<ExecutableFault> fault = fault_of_format(begin)) return fault;
  const std::string interpreter = interpreter_of(begin);
  if (interpreter.empty() || files.look(interpreter, cwd)) return std::nullopt;
  return ExecutableFault{
      .what = cat("needs the interpreter ", spec::quote(interpreter), ", which is not there"),
      .remedy = "put it into the root file system, for a dynamic executable with its libraries"};
}

}  // namespace brig::runtime
