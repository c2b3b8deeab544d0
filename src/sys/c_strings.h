// Internal to sys/: argument lists as execve(2) takes them.
#pragma once

#include <string>
#include <vector>

namespace brig::sys {

// Borrows the strings. execve takes char* for the sake of old C; it does not write there.
inline std::vector<char*> c_strings(const std::vector<std::string>& strings) {
  std::vector<char*> out;
  out.reserve(strings.size() + 1);
  for (const std::string& text : strings) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace brig::sys
