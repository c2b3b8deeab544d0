#include "cli/live_table.h"

#include <gtest/gtest.h>

namespace brig::cli {
namespace {

TEST(LiveTable, DrawsOverWhatItDrewBefore) {
  LiveTable table;
  EXPECT_EQ(table.redraw({"ID", "web"}, 10), "\rID\x1b[K\nweb\x1b[K\n\x1b[J");
  EXPECT_EQ(table.redraw({"ID"}, 10), "\r\x1b[2AID\x1b[K\n\x1b[J");
  EXPECT_EQ(table.redraw({"ID"}, 10), "\r\x1b[1AID\x1b[K\n\x1b[J");
}

TEST(LiveTable, StartsAnewWhereTheCursorIs) {
  LiveTable table;
  table.redraw({"ID", "web"}, 10);
  table.forget();
  EXPECT_EQ(table.redraw({"ID"}, 10), "\rID\x1b[K\n\x1b[J");
}

TEST(LiveTable, SaysHowManyLinesTheTerminalHasNoRoomFor) {
  LiveTable table;
  EXPECT_EQ(table.redraw({"ID", "a", "b", "c"}, 3),
            "\rID\x1b[K\na\x1b[K\n... and 2 more\x1b[K\n\x1b[J");
  EXPECT_EQ(table.redraw({"ID"}, 3), "\r\x1b[3AID\x1b[K\n\x1b[J");
  EXPECT_EQ(LiveTable().redraw({"ID", "a"}, 2), "\rID\x1b[K\na\x1b[K\n\x1b[J");
  EXPECT_EQ(LiveTable().redraw({"ID", "a"}, 0), "\rID\x1b[K\na\x1b[K\n\x1b[J");
}

}  // namespace
}  // namespace brig::cli
