// What has to be taken back when a create fails half way: one entry for each effect on the host,
// pushed after the effect, run in reverse.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace brig::runtime {

class UndoStack {
 public:
  UndoStack() = default;
  UndoStack(const UndoStack&) = delete;
  UndoStack& operator=(const UndoStack&) = delete;
  ~UndoStack() { run(); }

  void push(std::string what, std::move_only_function<Result<>()> undo) {
    entries_.push_back({std::move(what), std::move(undo)});
  }
  void disarm() { entries_.clear(); }

  // Runs everything; the failures, if any, for the error that is being reported.
  std::string run() {
    std::string failures;
    for (; !entries_.empty(); entries_.pop_back()) {
      const Result<> undone = entries_.back().undo();
      if (!undone)
        append(failures, cat("; ", entries_.back().what, ": ", undone.error().message()));
    }
    return failures;
  }

 private:
  struct Entry {
    std::string what;
    std::move_only_function<Result<>()> undo;
  };
  std::vector<Entry> entries_;
};

}  // namespace brig::runtime
