#include "cli/process_table.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "base/text.h"
#include "sys/process.h"
#include "sys/spawn.h"

namespace brig::cli {
namespace {

constexpr int kTimeoutMs = 30'000;
constexpr std::size_t kMaxOutput = std::size_t{64} << 20;
constexpr std::string_view kUsualPath = "/usr/bin:/bin";  // engines call without PATH

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == line.npos) return words;
    line.remove_prefix(begin);
    const std::size_t length = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, length));
    line.remove_prefix(length);
  }
}

// Where the PID stands in a row, counted from the nearer end: a command with blanks in it, which
// is more words than its header has, may be before it or behind it.
class PidColumn {
 public:
  static std::optional<PidColumn> find(std::string_view header) {
    const std::vector<std::string_view> names = words_of(header);
    const auto at = std::ranges::find(names, "PID");
    if (at == names.end()) return {};
    return PidColumn(static_cast<std::size_t>(at - names.begin()),
                     static_cast<std::size_t>(names.end() - at) - 1);
  }

  [[nodiscard]] std::optional<pid_t> pid_in(std::string_view row) const {
    const std::vector<std::string_view> words = words_of(row);
    const std::size_t from_edge = std::min(left_, right_);
    if (from_edge >= words.size()) return {};
    const std::string_view word = left_ <= right_ ? words[left_] : words[words.size() - 1 - right_];
    pid_t pid = 0;
    const auto [stop, error] = std::from_chars(word.begin(), word.end(), pid);
    if (error != std::errc() || stop != word.end()) return {};
    return pid;
  }

 private:
  PidColumn(std::size_t left, std::size_t right) : left_(left), right_(right) {}
  std::size_t left_, right_;
};

Result<std::string> find_program(std::string_view name, std::string_view path) {
  if (path.empty()) path = kUsualPath;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find(':'), path.size());
    std::string candidate = cat(path.substr(0, end), "/", name);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (candidate.starts_with('/') && sys::check_executable(candidate)) return candidate;
  }
  return fail(Errc::NotFound, cat(name,
                                  ": executable file not found in $PATH: the table needs "
                                  "ps(1), --format json does not"));
}

std::string last_line(std::string_view text) {
  while (text.ends_with('\n')) text.remove_suffix(1);
  return std::string(text.substr(text.find_last_of('\n') + 1));
}

Result<std::string> run_ps(std::span<const std::string> options, std::string_view path) {
  sys::Program program{.path = {},
                       .argv = {"ps"},
                       .envp = {cat("PATH=", path.empty() ? kUsualPath : path)},
                       .input = {},
                       .timeout_ms = kTimeoutMs,
                       .kept_output = kMaxOutput};
  program.path = TRY(find_program("ps", path));
  program.argv.insert(program.argv.end(), options.begin(), options.end());
  if (options.empty()) program.argv.emplace_back("-ef");
  sys::ProgramResult result = TRY(sys::run_program(program));
  if (result.timed_out) return fail(Errc::System, cat("not done after ", kTimeoutMs / 1000, " s"));
  if (result.status.shell_code() != 0)
    return fail(Errc::System, cat("exit status ", result.status.shell_code(), ": ",
                                  last_line(result.standard_error)));
  if (result.standard_output.size() >= kMaxOutput)
    return fail(Errc::System, "it prints more than 64 MiB");
  return std::move(result.standard_output);
}

}  // namespace

Result<std::string> rows_of(std::string_view printed, std::span<const pid_t> pids) {
  std::string out;
  std::optional<PidColumn> column;
  while (!printed.empty()) {
    const std::size_t length = std::min(printed.find('\n'), printed.size());
    const std::string_view line = printed.substr(0, length);
    printed.remove_prefix(std::min(length + 1, printed.size()));
    if (!column) {
      column = PidColumn::find(line);
      if (!column) break;
      out += cat(line, '\n');
    } else if (const std::optional<pid_t> pid = column->pid_in(line);
               pid && std::ranges::binary_search(pids, *pid)) {
      out += cat(line, '\n');
    }
  }
  if (!column)
    return fail(Errc::BadConfig, "ps printed no PID column, by which its rows are chosen");
  return out;
}

Result<std::string> process_table(std::span<const pid_t> pids, std::span<const std::string> options,
                                  std::string_view path) {
  const std::string printed = TRY_DOING(run_ps(options, path), "run ps");
  return rows_of(printed, pids);
}

}  // namespace brig::cli
