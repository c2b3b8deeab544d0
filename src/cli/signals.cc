#include "cli/signals.h"

#include <signal.h>
#include <strings.h>

#include <charconv>
#include <optional>
#include <string>

#include "base/text.h"

namespace brig::cli {
namespace {

constexpr int kLastSignal = 64;  // _NSIG of every architecture but MIPS

struct Name {
  std::string_view name;
  int number;
};
constexpr Name kNames[] = {
    {"HUP", SIGHUP},       {"INT", SIGINT},     {"QUIT", SIGQUIT}, {"ILL", SIGILL},
    {"TRAP", SIGTRAP},     {"ABRT", SIGABRT},   {"IOT", SIGIOT},   {"BUS", SIGBUS},
    {"FPE", SIGFPE},       {"KILL", SIGKILL},   {"USR1", SIGUSR1}, {"SEGV", SIGSEGV},
    {"USR2", SIGUSR2},     {"PIPE", SIGPIPE},   {"ALRM", SIGALRM}, {"TERM", SIGTERM},
    {"STKFLT", SIGSTKFLT}, {"CHLD", SIGCHLD},   {"CLD", SIGCLD},   {"CONT", SIGCONT},
    {"STOP", SIGSTOP},     {"TSTP", SIGTSTP},   {"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},
    {"URG", SIGURG},       {"XCPU", SIGXCPU},   {"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM},
    {"PROF", SIGPROF},     {"WINCH", SIGWINCH}, {"IO", SIGIO},     {"POLL", SIGPOLL},
    {"PWR", SIGPWR},       {"SYS", SIGSYS},
};

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::optional<int> parse_number(std::string_view digits) {
  int number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc() || stop != end || number < 0 || number > kLastSignal) return {};
  return number;
}

// RTMIN, RTMIN+n, RTMAX, RTMAX-n: glibc's, which keeps the first two real-time signals.
std::optional<int> parse_realtime(std::string_view name) {
  constexpr std::size_t kLength = 5;
  const bool from_min = same_word(name.substr(0, kLength), "RTMIN");
  if (!from_min && !same_word(name.substr(0, kLength), "RTMAX")) return {};
  const int base = from_min ? SIGRTMIN : SIGRTMAX;
  if (name.size() == kLength) return base;
  if (name[kLength] != (from_min ? '+' : '-')) return {};
  const std::optional<int> distance = parse_number(name.substr(kLength + 1));
  if (!distance || *distance > SIGRTMAX - SIGRTMIN) return {};
  return from_min ? base + *distance : base - *distance;
}

}  // namespace

Result<int> parse_signal(std::string_view text) {
  if (const std::optional<int> number = parse_number(text)) return *number;
  const bool prefixed = same_word(text.substr(0, 3), "SIG");
  const std::string_view name = prefixed ? text.substr(3) : text;
  for (const Name& known : kNames)
    if (same_word(name, known.name)) return known.number;
  if (const std::optional<int> number = parse_realtime(name)) return *number;
  return fail(Errc::BadConfig, cat("unknown signal \"", text, "\""));
}

}  // namespace brig::cli
