#include "runtime/inspect/interpreter.h"

#include <elf.h>

#include <algorithm>
#include <cstring>
#include <optional>

namespace brig::runtime {

namespace {

constexpr std::string_view kBlanks = " \t";

std::string of_script(std::string_view begin) {
  std::string_view line = begin.substr(2, begin.find('\n') - 2);
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  return std::string(line.substr(0, line.find_first_of(kBlanks)));
}

// A file of anybody's: every offset is checked.
template <class T>
std::optional<T> read_at(std::string_view begin, std::uint64_t offset) {
  if (begin.size() < sizeof(T) || offset > begin.size() - sizeof(T)) return std::nullopt;
  T out;
  std::memcpy(&out, begin.data() + offset, sizeof out);
  return out;
}

std::string text_at(std::string_view begin, std::uint64_t offset, std::uint64_t size) {
  if (offset > begin.size() || size > begin.size() - offset) return {};
  const std::string_view text = begin.substr(offset, size);
  return std::string(text.substr(0, text.find('\0')));
}

template <class Header, class Segment>
std::string of_executable(std::string_view begin) {
  const auto header = read_at<Header>(begin, 0);
  if (!header) return {};
  for (std::uint64_t i = 0; i < header->e_phnum; ++i) {
    const std::uint64_t offset = header->e_phoff + i * sizeof(Segment);
    if (offset < header->e_phoff) return {};
    const auto segment = read_at<Segment>(begin, offset);
    if (!segment) return {};
    if (segment->p_type == PT_INTERP) return text_at(begin, segment->p_offset, segment->p_filesz);
  }
  return {};
}

// Of this machine's byte order: others do not run here but by an emulator.
bool is_ours(std::string_view begin) {
  return begin.size() > EI_DATA && begin[EI_DATA] == ELFDATA2LSB;
}

}  // namespace

std::string interpreter_of(std::string_view begin) {
  if (begin.starts_with("#!")) return of_script(begin);
  if (!begin.starts_with(ELFMAG) || !is_ours(begin)) return {};
  return begin[EI_CLASS] == ELFCLASS64 ? of_executable<Elf64_Ehdr, Elf64_Phdr>(begin)
                                       : of_executable<Elf32_Ehdr, Elf32_Phdr>(begin);
}

}  // namespace brig::runtime
