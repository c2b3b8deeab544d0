// docs/annotations.md, for people, and spec/annotations.cc, for brig, are the same table.
#include <gtest/gtest.h>

#include "base/split.h"
#include "spec/annotations.h"
#include "sys/file.h"

namespace brig::runtime {
namespace {

// {"run.oci.handler", "refused"}: the first two columns.
std::vector<std::pair<std::string, std::string>> documented() {
  std::vector<std::pair<std::string, std::string>> rows;
  const Result<std::string> page =
      sys::read_file_at(FdRef::cwd(), BRIG_SOURCE_DIR "/docs/annotations.md");
  EXPECT_TRUE(page);
  if (!page) return rows;
  for (const std::string_view line : split(*page, '\n')) {
    if (!line.starts_with("| `")) continue;
    const std::vector<std::string_view> columns = split(line, '|');
    rows.emplace_back(columns[1].substr(2, columns[1].size() - 4),
                      columns[2].substr(1, columns[2].size() - 2));
  }
  return rows;
}

TEST(AnnotationsPage, SaysWhatTheTableDoes) {
  std::vector<std::pair<std::string, std::string>> known;
  for (const spec::KnownAnnotation& annotation : spec::known_annotations())
    known.emplace_back(annotation.name, spec::name_of(annotation.treatment));
  EXPECT_EQ(documented(), known);
}

}  // namespace
}  // namespace brig::runtime
