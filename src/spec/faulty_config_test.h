// For tests: configurations with one fault each, and where the finding must point.
#pragma once

#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "spec/load.h"

namespace brig::spec {

// A part of a configuration with one fault. '@' stands before the value the finding points at.
struct Fault {
  const char* json;
  const char* finding;
};

struct Outcome {
  std::string error;
  std::vector<std::string> warnings;
};

inline Outcome load(std::string_view json) {
  Outcome outcome;
  const Result<Spec> spec = load_spec({"config.json", json}, outcome.warnings);
  if (spec) return outcome;
  EXPECT_EQ(spec.error().code(), Errc::BadConfig);
  outcome.error = spec.error().message();
  return outcome;
}

struct Marked {
  std::string json, position;  // "config.json:3:7: "
};

inline Marked marked(std::string json) {
  const std::size_t at = json.find('@');
  if (at == std::string::npos) return {json, "no mark: "};
  json.erase(at, 1);
  const json::Position position = json::position_of(json, at);
  return {json, cat("config.json:", position.line, ":", position.column, ": ")};
}

inline constexpr std::string_view kAllNamespaces =
    R"({"type": "pid"}, {"type": "network"}, {"type": "mount"}, {"type": "ipc"},
       {"type": "uts"}, {"type": "cgroup"})";

inline std::string in_document(std::string_view part) {
  return cat(R"({
  "ociVersion": "1.3.0",
  "process": {"cwd": "/", "args": ["sh"]},
  "root": {"path": "rootfs"},
  "linux": {"namespaces": [)",
             kAllNamespaces, "]},\n  ", part, "\n}");
}

inline std::string in_process(std::string_view part) {
  return in_document(cat(R"("process": {"cwd": "/", "args": ["sh"], )", part, "}"));
}

inline std::string in_linux(std::string_view part) {
  return in_document(cat(R"("linux": {"namespaces": [)", kAllNamespaces, "],\n", part, "}"));
}

inline std::string in_resources(std::string_view part) {
  return in_linux(cat("\"resources\": {", part, "}"));
}

inline std::string in_seccomp(std::string_view part) {
  return in_linux(cat(R"("seccomp": {"defaultAction": "SCMP_ACT_ERRNO", )", part, "}"));
}

inline void expect_errors(std::span<const Fault> faults,
                          std::string (*document)(std::string_view)) {
  for (const Fault& fault : faults) {
    const Marked config = marked(document(fault.json));
    const Outcome outcome = load(config.json);
    EXPECT_EQ(outcome.error, config.position + fault.finding) << fault.json;
  }
}

inline void expect_warnings(std::span<const Fault> faults,
                            std::string (*document)(std::string_view)) {
  for (const Fault& fault : faults) {
    const Marked config = marked(document(fault.json));
    const Outcome outcome = load(config.json);
    EXPECT_EQ(outcome.error, "") << fault.json;
    EXPECT_EQ(outcome.warnings, std::vector<std::string>{config.position + fault.finding})
        << fault.json;
  }
}

inline std::string as_it_is(std::string_view json) {
  return std::string(json);
}

}  // namespace brig::spec
