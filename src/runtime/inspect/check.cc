#include "runtime/inspect/check.h"

#include <algorithm>
#include <charconv>

#include "base/json.h"
#include "container/bundle.h"
#include "runtime/host_plan.h"
#include "runtime/inspect/host_checks.h"
#include "spec/load.h"

namespace brig::runtime {

namespace {

// "config.json:3:4: what": there is no tree to look a path up in.
CheckFinding no_json(std::string_view text, std::string_view name) {
  CheckFinding finding;
  text.remove_prefix(std::min(name.size() + 1, text.size()));
  const char* const end = text.data() + text.size();
  const char* at = std::from_chars(text.data(), end, finding.line).ptr;
  if (at != end) at = std::from_chars(at + 1, end, finding.column).ptr;
  const std::string_view rest(at, static_cast<std::size_t>(end - at));
  finding.what = rest.starts_with(": ") ? rest.substr(2) : rest;
  return finding;
}

bool has_error(const spec::Findings& findings) {
  return std::ranges::any_of(findings, [](const spec::Finding& f) { return !f.warning; });
}

class Checker {
 public:
  Checker(const Settings& settings, const CreateOptions& options)
      : settings_(settings), options_(options) {
    report_ = {.bundle = options.bundle, .config = options.config, .findings = {}};
  }

  CheckReport run() {
    if (Result<> read = read_and_check(); !read)
      report_.findings.push_back({.path = {}, .what = read.error().message(), .remedy = {}});
    return std::move(report_);
  }

 private:
  Result<> read_and_check() {
    bundle_ = TRY(open_bundle(options_.bundle, options_.config));
    caller_ = TRY(probe_caller());
    const std::optional<OwnIds> own_ids = TRY(probe_own_ids(caller_));
    Result<spec::Examined> examined =
        spec::examine_spec({.name = options_.config, .bytes = bundle_.config},
                           own_ids ? &*own_ids : nullptr, spec::UnknownMembers::Warned);
    if (!examined) {
      report_.findings.push_back(no_json(examined.error().message(), options_.config));
      return {};
    }
    bundle_.spec = std::move(examined->spec);
    findings_ = std::move(examined->findings);
    check_host();
    report();
    return {};
  }

  // A configuration with faults cannot be planned; what does not depend on the plan is looked at.
  void check_host() {
    const bool valid = !has_error(findings_);
    if (bundle_.spec.root && !bundle_.spec.root->path.empty()) find_root();
    check_hooks(bundle_.spec.hooks, findings_);
    check_kernel(bundle_.spec, findings_);
    if (!valid || bundle_.rootfs.empty()) return;
    const HostPlan planned = plan_on_host(settings_, options_, caller_, bundle_);
    for (const Error& fault : planned.faults)
      findings_.push_back(finding_of(fault.message(), Severity::Error));
    for (const std::string& warning : planned.create.warnings)
      findings_.push_back(finding_of(warning, Severity::Warning));
    check_plan(
        {.spec = bundle_.spec, .plan = planned.create, .rootfs = bundle_.rootfs, .caller = caller_},
        findings_);
  }

  void find_root() {
    Result<std::string> rootfs = find_rootfs(bundle_, bundle_.spec.root->path);
    if (rootfs)
      bundle_.rootfs = std::move(*rootfs);
    else
      findings_.push_back(finding_of(rootfs.error().message(), Severity::Error));
  }

  void report() {
    const Result<json::Node> root = json::parse(bundle_.config);
    for (const spec::Finding& found : findings_) {
      const std::size_t offset = root ? json::offset_of(*root, found.path) : 0;
      const json::Position at = json::position_of(bundle_.config, offset);
      report_.findings.push_back({.warning = found.warning,
                                  .path = found.path,
                                  .line = at.line,
                                  .column = at.column,
                                  .what = found.what,
                                  .remedy = found.remedy});
    }
    std::ranges::stable_sort(report_.findings, [](const CheckFinding& a, const CheckFinding& b) {
      return std::pair(a.line, a.column) < std::pair(b.line, b.column);
    });
  }

  const Settings& settings_;
  const CreateOptions& options_;
  Bundle bundle_;
  Caller caller_;
  spec::Findings findings_;
  CheckReport report_;
};

}  // namespace

bool CheckReport::passes() const {
  return std::ranges::all_of(findings, &CheckFinding::warning);
}

CheckReport check(const Settings& settings, const CreateOptions& options) {
  return Checker(settings, options).run();
}

}  // namespace brig::runtime
