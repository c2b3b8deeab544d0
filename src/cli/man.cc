#include "cli/man.h"

#include <span>
#include <string_view>

#include "base/text.h"
#include "cli/tables.h"
#include "runtime/version.h"

namespace brig::cli {
namespace {

// A hyphen that is typed is "\-": a plain one may become a typographic dash. A dot or a quote
// that begins a line would be a request.
std::string roff(std::string_view text) {
  std::string out;
  if (text.starts_with('.') || text.starts_with('\'')) out += "\\&";
  for (const char c : text) {
    if (c == '-' || c == '\\') out += '\\';
    if (c == '\\')
      out += 'e';
    else
      out += c;
  }
  return out;
}

std::string term(const Option& option) {
  std::string out = ".TP\n";
  for (const char* letter = option.letters; *letter != '\0'; ++letter)
    out += cat("\\fB\\-", *letter, "\\fR, ");
  out += cat("\\fB\\-\\-", roff(option.name), "\\fR");
  if (option.value != nullptr) out += cat(" \\fI", roff(option.value), "\\fR");
  return out + '\n' + roff(option.help) + ".\n";
}

std::string terms(std::span<const Option> options) {
  std::string out;
  for (const Option& option : options) out += term(option);
  return out;
}

// Summaries and details are sentences without and with their full stop.
std::string section(const Command& command) {
  std::string out = cat(".SS \"brig ", roff(command.name), " ");
  if (!command.options.empty()) out += "[options] ";
  out += cat(roff(command.operands), "\"\n", roff(command.summary), ".\n");
  if (!command.details.empty()) out += cat(".PP\n", roff(command.details), "\n");
  return out + terms(command.options);
}

constexpr std::string_view kAbout = R"(.SH NAME
brig \- run containers as the OCI runtime specification describes them
.SH SYNOPSIS
.B brig
[\fIglobal options\fR] \fIcommand\fR [\fIoptions\fR] [\fIarguments\fR]
.SH DESCRIPTION
.B brig
takes an OCI bundle, a directory with a config.json and a root filesystem, and runs it in
isolation by the means of the Linux kernel. Engines drive it as they drive runc or crun.
.PP
Long names of options may follow one dash or two, their values a blank or an equals sign; options
may follow the arguments, and \-\- ends them. A boolean takes =true or =false. Of several
occurrences the last one counts.
)";

constexpr std::string_view kRest = R"(.SH ENVIRONMENT
.TP
\fBXDG_RUNTIME_DIR\fR, \fBUSER\fR
where the state of containers is kept without \-\-root. Root of a user namespace counts as root
only when USER is root.
.TP
\fBNOTIFY_SOCKET\fR
readiness that the container's process announces with sd_notify(3) is passed on to this socket.
.B brig start
and
.B brig run \-\-detach
wait for it.
.TP
\fBLISTEN_FDS\fR, \fBLISTEN_PID\fR, \fBLISTEN_FDNAMES\fR
descriptors of socket activation, sd_listen_fds(3), are passed on to the container.
.TP
\fBRUN_OCI_SECCOMP_RECEIVER\fR
the seccomp agent's socket, as the annotation run.oci.seccomp.receiver names it.
.SH EXIT STATUS
0 on success and 1 on an error, which is explained on standard error and in the log.
.B brig run
without \-\-detach ends with the status of the container's process, or 128 + N when signal N ended
it.
.SH FILES
.TP
.I config.json
the configuration of a bundle.
.TP
.I /run/brig
the state of containers.
.SH EXAMPLE
.nf
mkdir \-p bundle/rootfs/bin && cp /bin/busybox bundle/rootfs/bin/sh
brig spec \-b bundle
brig run \-b bundle web
.fi
.SH SEE ALSO
.BR runc (8),
.BR crun (1),
.BR namespaces (7),
.BR cgroups (7)
)";

}  // namespace

std::string man_page() {
  std::string out = cat(".TH BRIG 1 \"\" \"brig ", runtime::version(), "\"\n", kAbout);
  out += cat(".SH GLOBAL OPTIONS\n", terms(global_options()), ".SH COMMANDS\n");
  for (const Command& command : commands()) out += section(command);
  out += kRest;
  return out;
}

}  // namespace brig::cli
