#include "spec/load.h"

#include "base/json.h"
#include "spec/defaults.h"
#include "spec/parse.h"
#include "spec/validate.h"

namespace brig::spec {
namespace {

Result<json::Node> parse_document(const Source& source) {
  Result<json::Node> root = json::parse(source.bytes);
  if (!root) return fail(Errc::BadConfig, cat(source.name, ":", root.error().message()));
  return root;
}

Result<> judge(const Findings& findings, const Source& source, std::vector<std::string>& warnings) {
  if (findings.empty()) return {};
  Report report = describe(findings, source);
  for (std::string& line : report.warnings) warnings.push_back(std::move(line));
  if (report.errors.empty()) return {};
  return fail(Errc::BadConfig, join(report.errors, "\n"));
}

}  // namespace

Result<Spec> load_spec(const Source& source, std::vector<std::string>& warnings) {
  const json::Node root = TRY(parse_document(source));
  Findings findings;
  Spec spec = parse_spec(root, findings);
  apply_defaults(spec, findings);
  validate_spec(spec, findings);
  validate_supported(spec, findings);
  TRY(judge(findings, source, warnings));
  return spec;
}

Result<Process> load_process(const Source& source, std::vector<std::string>& warnings) {
  const json::Node root = TRY(parse_document(source));
  Findings findings;
  Process process = parse_process(root, findings);
  validate_process(process, Place(findings));
  validate_supported(process, Place(findings));
  TRY(judge(findings, source, warnings));
  return process;
}

Result<Resources> load_resources(const Source& source, std::vector<std::string>& warnings) {
  const json::Node root = TRY(parse_document(source));
  Findings findings;
  Resources resources = parse_resources(root, findings);
  validate_resources(resources, Place(findings));
  TRY(judge(findings, source, warnings));
  return resources;
}

}  // namespace brig::spec
