#include "spec/findings.h"

#include <gtest/gtest.h>

namespace brig::spec {
namespace {

TEST(Findings, APlaceIsWrittenAsTheUserWouldFindIt) {
  Findings findings;
  const Place root(findings);
  const Place process = root.at("process");
  const Place rlimits = process.at("rlimits");
  const Place second = rlimits.at(1);
  const Place sysctl = root.at("sysctl");
  root.at("hostname").error("a");
  second.at("type").error("b");
  sysctl.at("net.core.somaxconn").error("c");
  sysctl.at("a\nb").warn("d");
  ASSERT_EQ(findings.size(), 4u);
  EXPECT_EQ(findings[0].path, "hostname");
  EXPECT_EQ(findings[1].path, "process.rlimits[1].type");
  EXPECT_EQ(findings[2].path, "sysctl[\"net.core.somaxconn\"]");
  EXPECT_EQ(findings[3].path, "sysctl[\"a\\x0ab\"]");
  EXPECT_TRUE(findings[3].warning);
}

TEST(Findings, AFaultHidesWhatLiesInItsPlaceButAWarningHidesNoError) {
  Findings findings;
  const Place root(findings);
  const Place process = root.at("process");
  const Place args = process.at("args");
  args.warn("odd");
  args.error("wrong");
  args.error("wrong again");
  args.at(0).error("follows from it");
  root.at("processes").error("another");
  process.at("argsX").error("another");
  args.at(1).warn("odd, and wrong anyway");
  ASSERT_EQ(findings.size(), 4u);
  EXPECT_EQ(findings[1].what, "wrong");
  EXPECT_EQ(findings[2].path, "processes");
  EXPECT_EQ(findings[3].path, "process.argsX");
}

TEST(Findings, ManyWarningsDoNotCrowdOutAnError) {
  Findings findings;
  const Place root(findings);
  for (std::size_t i = 0; i < 1000; ++i) root.at(i).warn("odd");
  for (std::size_t i = 0; i < 1000; ++i) root.at(i).error("wrong");
  EXPECT_EQ(findings.size(), 128u);
  const Report report = describe(findings, {"config.json", "[]"});
  ASSERT_EQ(report.errors.size(), 65u);
  EXPECT_EQ(report.errors.back(), "config.json: more faults than these are not listed");
}

TEST(Findings, LinesNameFileLineAndColumn) {
  const Findings findings = {{.path = "a.b", .what = "wrong"},
                             {.path = "a.missing", .what = "missing"},
                             {.path = "", .what = "odd", .warning = true}};
  const Report report = describe(findings, {"config.json", "{\n  \"a\": {\"b\": 1}\n}"});
  EXPECT_EQ(report.errors, (std::vector<std::string>{"config.json:2:14: a.b: wrong",
                                                     "config.json:2:8: a.missing: missing"}));
  EXPECT_EQ(report.warnings, std::vector<std::string>{"config.json:1:1: odd"});
}

TEST(Findings, QuotedTextIsShortAndPrintable) {
  EXPECT_EQ(quote(""), "''");
  EXPECT_EQ(quote("RLIMIT_FOO"), "'RLIMIT_FOO'");
  EXPECT_EQ(quote("a\n\x1b[31m\x7f"), "'a\\x0a\\x1b[31m\\x7f'");
  EXPECT_EQ(quote(std::string(80, 'x')), "'" + std::string(80, 'x') + "'");
  EXPECT_EQ(quote(std::string(81, 'x')), "'" + std::string(80, 'x') + "...'");
  EXPECT_EQ(quote(std::string(79, 'x') + "éé"), "'" + std::string(79, 'x') + "...'");
}

}  // namespace
}  // namespace brig::spec
