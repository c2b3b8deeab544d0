#include "runtime/undo.h"

#include <gtest/gtest.h>

namespace brig::runtime {
namespace {

auto note(std::string& log, char name) {
  return [&log, name]() -> Result<> {
    log += name;
    return {};
  };
}

TEST(UndoStack, RunsInReverseAndOnlyOnce) {
  std::string log;
  UndoStack undo;
  undo.push("a", note(log, 'a'));
  undo.push("b", note(log, 'b'));
  EXPECT_EQ(undo.run(), "");
  EXPECT_EQ(undo.run(), "");
  EXPECT_EQ(log, "ba");
}

TEST(UndoStack, AFailureIsReportedAndTheRestStillRuns) {
  std::string log;
  UndoStack undo;
  undo.push("remove the state", note(log, 'a'));
  undo.push("remove the cgroup",
            []() -> Result<> { return std::unexpected(Error::system(EBUSY, "rmdir web")); });
  undo.push("end the process", note(log, 'c'));
  EXPECT_EQ(undo.run(), "; remove the cgroup: rmdir web: device or resource busy (EBUSY)");
  EXPECT_EQ(log, "ca");
}

TEST(UndoStack, TheEndOfItsScopeUndoes) {
  std::string log;
  {
    UndoStack undo;
    undo.push("a", note(log, 'a'));
  }
  EXPECT_EQ(log, "a");
}

TEST(UndoStack, DisarmedItDoesNothing) {
  std::string log;
  {
    UndoStack undo;
    undo.push("a", note(log, 'a'));
    undo.disarm();
    EXPECT_EQ(undo.run(), "");
  }
  EXPECT_EQ(log, "");
}

}  // namespace
}  // namespace brig::runtime
