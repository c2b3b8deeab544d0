// A table that is drawn over its former self on a terminal. It stays in the flow of the terminal,
// so that whatever ends us, the last table is left where it is and nothing has to be restored.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace brig::cli {

class LiveTable {
 public:
  // What to write to show `lines` in place of those before, at most `height` of them (0: all).
  // No line may be as wide as the terminal: a wrapped one would count as two.
  std::string redraw(std::vector<std::string> lines, std::size_t height);

  // The terminal was resized, or others wrote to it: the next table starts where the cursor is.
  void forget() { drawn_ = 0; }

 private:
  std::size_t drawn_ = 0;  // lines above the cursor that are ours
};

}  // namespace brig::cli
