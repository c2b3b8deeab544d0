#include "spec/load.h"

#include <algorithm>

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

// A rule that speaks of what could not be read: of an element of a list one of whose members was
// wrong, or of namespaces where the list of them was.
bool follows_from(const Finding& rule, const Finding& fault) {
  const std::string element = fault.path.substr(0, fault.path.rfind(']') + 1);
  if (!element.empty() && rule.path.starts_with(element)) return true;
  const bool unread = fault.path == "linux" || fault.path.starts_with("linux.namespaces");
  return unread && rule.what.contains("in linux.namespaces");
}

// The first `faults` findings are from reading, the others from the rules.
void drop_consequences(Findings& findings, std::size_t faults) {
  const auto rules = findings.begin() + static_cast<std::ptrdiff_t>(faults);
  const auto consequence = [&](const Finding& rule) {
    return std::any_of(findings.begin(), rules, [&](const Finding& fault) {
      return !fault.warning && follows_from(rule, fault);
    });
  };
  findings.erase(std::remove_if(rules, findings.end(), consequence), findings.end());
}

Result<> judge(const Findings& findings, const Source& source, std::vector<std::string>& warnings) {
  if (findings.empty()) return {};
  Report report = describe(findings, source);
  for (std::string& line : report.warnings) warnings.push_back(std::move(line));
  if (report.errors.empty()) return {};
  return fail(Errc::BadConfig, join(report.errors, "\n"));
}

}  // namespace

Result<Examined> examine_spec(const Source& source, const OwnIds* own_ids, UnknownMembers unknown,
                              const StringMap& annotations) {
  const json::Node root = TRY(parse_document(source));
  Examined found;
  auto& [spec, findings] = found;
  spec = parse_spec(root, findings, unknown);
  spec.annotations.insert(annotations.begin(), annotations.end());
  const std::size_t faults = findings.size();
  apply_defaults(spec, own_ids, findings);
  validate_spec(spec, findings);
  drop_consequences(findings, faults);
  return found;
}

Result<Spec> load_spec(const Source& source, std::vector<std::string>& warnings,
                       const OwnIds* own_ids, const StringMap& annotations) {
  Examined found = TRY(examine_spec(source, own_ids, UnknownMembers::Ignored, annotations));
  TRY(judge(found.findings, source, warnings));
  return std::move(found.spec);
}

Result<Spec> load_saved_spec(const Source& source) {
  const json::Node root = TRY(parse_document(source));
  Findings findings;
  Spec spec = parse_spec(root, findings);
  std::vector<std::string> warnings;  // said at create
  TRY(judge(findings, source, warnings));
  apply_defaults(spec, nullptr, findings);
  return spec;
}

Result<Process> load_process(const Source& source, std::vector<std::string>& warnings) {
  const json::Node root = TRY(parse_document(source));
  Findings findings;
  Process process = parse_process(root, findings);
  validate_process(process, Place(findings));
  TRY(judge(findings, source, warnings));
  return process;
}

Result<std::vector<Mount>> load_mounts(const Source& source, const Spec& container, MountsFor what,
                                       std::vector<std::string>& warnings) {
  const json::Node root = TRY(parse_document(source));
  Findings findings;
  const Place document(findings);
  const Place here = document.at("mounts");
  Spec spec = container;
  spec.mounts = parse_mounts(root, here);
  const Source list{.name = source.name, .bytes = source.bytes, .place = "mounts"};
  const std::size_t faults = findings.size();
  if (what == MountsFor::Adding) {
    apply_defaults(spec, nullptr, findings);
    validate_mounts(spec, here);
    drop_consequences(findings, faults);
  }
  TRY(judge(findings, list, warnings));
  return std::move(spec.mounts);
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
