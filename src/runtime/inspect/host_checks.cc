#include "runtime/inspect/host_checks.h"

#include <algorithm>

#include "linux/seccomp/compile.h"
#include "linux/seccomp/version.h"
#include "runtime/inspect/kernel.h"
#include "sys/file.h"
#include "sys/process.h"

namespace brig::runtime {

namespace {

constexpr std::string_view kDocumentMembers[] = {"ociVersion", "process",    "root",
                                                 "hostname",   "domainname", "mounts",
                                                 "hooks",      "linux",      "annotations"};

// "process.args[0]", not "bundle" or "open config.json".
bool is_json_path(std::string_view text) {
  const std::string_view first = text.substr(0, text.find_first_of(".["));
  return std::ranges::find(kDocumentMembers, first) != std::end(kDocumentMembers);
}

Result<> look_at_hook(const std::string& path) {
  TRY(sys::check_executable(path));
  const Fd file = TRY(sys::open_at(FdRef::cwd(), path, O_PATH));
  const struct stat info = TRY(sys::fstat(file));
  return S_ISREG(info.st_mode) ? Result<>() : fail(Errc::Denied, "is not a regular file");
}

void check_hook_list(const std::vector<spec::Hook>& hooks, const spec::Place& here,
                     Severity severity) {
  for (std::size_t i = 0; i < hooks.size(); ++i) {
    const std::string& path = hooks[i].path;
    if (!path.starts_with('/')) continue;  // a fault of the configuration
    const Result<> usable = look_at_hook(path);
    if (usable) continue;
    const spec::Place hook = here.at(i);
    hook.at("path").report(
        {.path = {},
         .what = cat(spec::quote(path), " cannot be executed: ", usable.error().message()),
         .warning = severity == Severity::Warning,
         .remedy = "install it on the host, or take the hook out"});
  }
}

void check_namespace(const spec::Namespace& wanted, const KernelFacts& kernel,
                     const spec::Place& here) {
  if (!wanted.path.empty()) return;
  const NamespaceSupport* const found = kernel.find_namespace(wanted.type);
  if (found == nullptr) return;  // no namespace at all: a fault of the configuration
  if (!found->present)
    here.at("type").report({.path = {},
                            .what = cat("this kernel has no ", wanted.type, " namespaces"),
                            .remedy = cat("leave it out, or use a kernel with ", found->option)});
  else if (found->limit == 0)
    here.at("type").report(
        {.path = {},
         .what = cat("this host allows no ", wanted.type, " namespaces: ", found->sysctl, " is 0"),
         .remedy = cat("sysctl -w ", found->sysctl, "=15000")});
}

}  // namespace

spec::Finding finding_of(std::string_view text, Severity severity) {
  spec::Finding finding{.path = {}, .what = {}, .warning = severity == Severity::Warning};
  const std::size_t colon = text.find(": ");
  if (colon != std::string_view::npos && is_json_path(text.substr(0, colon))) {
    finding.path = text.substr(0, colon);
    text.remove_prefix(colon + 2);
  }
  finding.what = text;
  return finding;
}

void check_hooks(const spec::Hooks& hooks, spec::Findings& findings) {
  const spec::Place root(findings);
  const spec::Place here = root.at("hooks");
  check_hook_list(hooks.prestart, here.at("prestart"), Severity::Error);
  check_hook_list(hooks.create_runtime, here.at("createRuntime"), Severity::Error);
  check_hook_list(hooks.create_container, here.at("createContainer"), Severity::Error);
  check_hook_list(hooks.poststart, here.at("poststart"), Severity::Warning);
  check_hook_list(hooks.poststop, here.at("poststop"), Severity::Warning);
}

void check_kernel(const spec::Spec& spec, spec::Findings& findings) {
  const KernelFacts kernel = probe_kernel();
  for (const KernelFeature& feature : kernel.features)
    if (feature.required && !feature.present)
      findings.push_back({.path = {},
                          .what = cat("this kernel has no ", feature.name),
                          .remedy = cat("use Linux ", feature.since, " or later")});
  if (!spec.linux_) return;
  const spec::Place root(findings);
  const spec::Place section = root.at("linux");
  const spec::Place namespaces = section.at("namespaces");
  for (std::size_t i = 0; i < spec.linux_->namespaces.size(); ++i)
    check_namespace(spec.linux_->namespaces[i], kernel, namespaces.at(i));
}

void check_seccomp(const PlannedBundle& bundle, spec::Findings& findings) {
  const auto& profile = bundle.spec.linux_->seccomp;
  if (!profile) return;
  const spec::Place root(findings);
  const spec::Place section = root.at("linux");
  const spec::Place seccomp = section.at("seccomp");
  const spec::Place rules = seccomp.at("syscalls");
  for (std::size_t i = 0; i < profile->syscalls.size(); ++i) {
    const std::vector<std::string> unknown = unknown_syscalls(profile->syscalls[i].names);
    if (unknown.empty()) continue;
    const spec::Place rule = rules.at(i);
    rule.at("names").report({.path = {},
                             .what = cat("not known to libseccomp ", libseccomp_version(), ": ",
                                         join(unknown, ", "), "; the rule does not cover them"),
                             .warning = true});
  }
}

void check_plan(const PlannedBundle& bundle, spec::Findings& findings) {
  check_program(bundle, findings);
  check_mounts(bundle, findings);
  check_process(bundle, findings);
  check_seccomp(bundle, findings);
}

}  // namespace brig::runtime
