#include "linux/seccomp/compile.h"

#include <linux/filter.h>
#include <seccomp.h>

#include <memory>

#include "linux/seccomp/names.h"
#include "linux/seccomp/newer_syscalls.h"
#include "sys/memory_file.h"

namespace brig {

namespace {

struct ReleaseFilter {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};
using Filter = std::unique_ptr<void, ReleaseFilter>;  // scmp_filter_ctx is a void*

// libseccomp returns negative errno values.
Error library_error(int code, std::string what) {
  return Error::system(-code, std::move(what));
}

Result<> add_arches(const SeccompProfile& profile, const Filter& filter) {
  for (const std::uint32_t arch : profile.arches) {
    const int code = ::seccomp_arch_add(filter.get(), arch);
    if (code == -EEXIST) continue;  // the native one
    if (code != 0)
      return fail(Errc::Unsupported,
                  cat("linux.seccomp.architectures: this build's libseccomp cannot filter ",
                      seccomp_arch_name(arch), " here"));
  }
  return {};
}

std::vector<scmp_arg_cmp> library_args(const SeccompRule& rule) {
  std::vector<scmp_arg_cmp> args;
  for (const SeccompArgument& arg : rule.args)
    args.push_back({.arg = arg.index,
                    .op = static_cast<scmp_compare>(arg.comparison),
                    .datum_a = arg.value,
                    .datum_b = arg.value_two});
  return args;
}

Result<> add_rule(const SeccompRule& rule, const Filter& filter) {
  const std::vector<scmp_arg_cmp> args = library_args(rule);
  for (const std::string& name : rule.names) {
    const int number = ::seccomp_syscall_resolve_name(name.c_str());
    if (number == __NR_SCMP_ERROR) continue;
    const int code = ::seccomp_rule_add_array(filter.get(), rule.action, number,
                                              static_cast<unsigned>(args.size()), args.data());
    if (code == -EEXIST)
      return fail(Errc::BadConfig, cat("syscalls: two rules for ", name,
                                       " have the same conditions and different actions"));
    if (code != 0) return std::unexpected(library_error(code, cat("add the rule for ", name)));
  }
  return {};
}

// libseccomp 2.5 writes to a descriptor only; 2.6 could write to memory.
Result<std::string> export_bpf(const Filter& filter) {
  const Fd file = TRY(sys::open_memory_file("seccomp"));
  const int code = ::seccomp_export_bpf(filter.get(), FdRef(file).raw());
  if (code != 0) return std::unexpected(library_error(code, "export the filter"));
  return sys::read_whole(file, BPF_MAXINSNS * sizeof(sock_filter));
}

Result<std::string> compile(const SeccompProfile& profile) {
  const Filter filter(::seccomp_init(profile.default_action));
  if (!filter) return std::unexpected(Error::system(EINVAL, "seccomp_init"));
  // A search tree over the syscall numbers instead of a list: every syscall of the container
  // passes through this.
  const int code = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  if (code != 0) return std::unexpected(library_error(code, "seccomp_attr_set"));
  TRY(add_arches(profile, filter));
  for (const SeccompRule& rule : profile.rules)
    if (rule.action != profile.default_action)  // EACCES: libseccomp will not have them
      TRY(add_rule(rule, filter));
  return export_bpf(filter);
}

Result<> refuse_unknown_names(const SeccompProfile& profile) {
  for (const SeccompRule& rule : profile.rules) {
    const std::vector<std::string> unknown = unknown_syscalls(rule.names);
    if (!unknown.empty())
      return fail(Errc::BadConfig, cat("syscalls: unknown system call '", unknown.front(),
                                       "', which run.oci.seccomp_fail_unknown_syscall forbids"));
  }
  return {};
}

}  // namespace

Result<std::string> compile_seccomp(const SeccompProfile& profile) {
  if (profile.known_names_only) TRY(refuse_unknown_names(profile));
  const std::string filter = TRY_DOING(compile(profile), "compile the seccomp profile");
  std::string bpf = newer_syscalls_prologue(profile) + filter;
  const std::size_t count = bpf.size() / sizeof(sock_filter);
  if (count > BPF_MAXINSNS)
    return fail(Errc::BadConfig, cat("linux.seccomp: the filter has ", count,
                                     " instructions; the kernel takes ", BPF_MAXINSNS));
  return bpf;
}

std::vector<std::string> unknown_syscalls(const std::vector<std::string>& names) {
  std::vector<std::string> unknown;
  for (const std::string& name : names)
    if (::seccomp_syscall_resolve_name(name.c_str()) == __NR_SCMP_ERROR) unknown.push_back(name);
  return unknown;
}

}  // namespace brig
