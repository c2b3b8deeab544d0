// The commands about what containers use: events and stats.
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands.h"
#include "cli/events_json.h"
#include "cli/live_table.h"
#include "cli/output.h"
#include "cli/stats_row.h"
#include "cli/stats_table.h"
#include "runtime/events.h"
#include "runtime/stats.h"
#include "sys/notification.h"
#include "sys/process.h"
#include "sys/signals.h"
#include "sys/terminal.h"

namespace brig::cli {
namespace {

using runtime::ContainerStats;
using runtime::StatsSource;

constexpr std::int64_t kEventsIntervalMs = 5000;
constexpr std::int64_t kStatsIntervalMs = 1000;
// CPU time in percent takes two looks; this long after the first one the second is worth showing.
constexpr std::int64_t kFirstLooksMs = 200;

const FdRef kStdout = FdRef::number(STDOUT_FILENO);

// The containers that are watched: those that were named, or all that run at any time.
class Containers {
 public:
  explicit Containers(runtime::Settings settings) : settings_(std::move(settings)) {}

  // Each must be running. None: all.
  Result<> watch(const std::vector<std::string>& ids) {
    all_ = ids.empty();
    for (const std::string& id : ids) {
      StatsSource source = TRY_DOING(StatsSource::open(settings_, id), "container '", id, "'");
      watched_.emplace(id, Watched{.source = std::move(source), .last = {}});
    }
    return {};
  }

  // Sorted by id; those that have ended since the last look are gone.
  Result<std::vector<StatsRow>> look() {
    if (all_) TRY(find_new_ones());
    std::vector<StatsRow> rows;
    for (auto at = watched_.begin(); at != watched_.end();) {
      Watched& watched = at->second;
      Result<ContainerStats> now = watched.source.read();
      if (watched.source.ended()) {
        at = watched_.erase(at);
        continue;
      }
      if (!now) return std::unexpected(std::move(now).error());
      rows.push_back(stats_row(watched.last ? &*watched.last : nullptr, *now));
      watched.last = std::move(*now);
      ++at;
    }
    return rows;
  }

  // No other will come either.
  [[nodiscard]] bool have_ended() const { return !all_ && watched_.empty(); }

 private:
  struct Watched {
    StatsSource source;
    std::optional<ContainerStats> last;
  };

  Result<> find_new_ones() {
    const std::vector<std::string> ids = TRY(runtime::list_ids(settings_));
    for (const std::string& id : ids) {
      if (watched_.contains(id)) continue;
      // One that has stopped, or that somebody is making or removing just now, is not of interest.
      if (Result<StatsSource> source = StatsSource::open(settings_, id))
        watched_.emplace(id, Watched{.source = std::move(*source), .last = {}});
    }
    return {};
  }

  runtime::Settings settings_;
  bool all_ = true;
  std::map<std::string, Watched> watched_;
};

Result<int> print_lines(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += line + '\n';
  return print(out);
}

Result<int> print_rows(const std::vector<StatsRow>& rows, ListFormat format) {
  if (format == ListFormat::Table) return print_lines(stats_table(rows, 0));
  std::string out;
  for (const StatsRow& row : rows) out += stats_json(row);
  return print(out);
}

// For a file or a program: one table after the other, or JSON lines.
Result<int> stream(Containers& containers, std::int64_t interval_ms, ListFormat format) {
  const Fd timer = TRY(sys::open_interval_timer(interval_ms));
  for (bool first = true; true; first = false) {
    const std::vector<StatsRow> rows = TRY(containers.look());
    if (containers.have_ended()) return 0;
    if (format == ListFormat::Table && !first) TRY(print("\n"));
    TRY(print_rows(rows, format));
    TRY(sys::wait_readable({timer}, -1));
    TRY(sys::take_count(timer));
  }
}

// For a person. Signals are read, so that a table is never left half drawn.
class Display {
 public:
  static Result<int> show(Containers& containers, std::int64_t interval_ms) {
    sys::SignalQueue signals = TRY(sys::SignalQueue::open());
    const Fd timer = TRY(sys::open_interval_timer(interval_ms));
    Display display;
    display.rows_ = TRY(containers.look());
    while (!containers.have_ended()) {
      TRY(display.draw());
      const std::vector<bool> ready = TRY(sys::wait_readable({signals.fd(), timer}, -1));
      if (ready[0]) {
        const int signal = TRY(signals.next());
        if (ends_us(signal)) return farewell(signal);
        TRY(display.adapt(signal));
      }
      if (ready[1]) {
        TRY(sys::take_count(timer));
        display.rows_ = TRY(containers.look());
      }
    }
    return 0;
  }

 private:
  Result<> draw() {
    const Result<sys::WindowSize> size = sys::window_size(kStdout);
    const bool known = size && size->columns > 0 && size->rows > 0;
    const std::size_t columns = known ? size->columns : std::size_t{80};
    const std::size_t height = known ? size->rows : std::size_t{24};
    // One column and one line less: the cursor has to be somewhere.
    TRY(print(table_.redraw(stats_table(rows_, columns - 1), height - 1)));
    return {};
  }

  static bool ends_us(int signal) {
    return signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
  }

  // The terminal has echoed "^C" below the table.
  static Result<int> farewell(int signal) {
    TRY(print("\r\x1b[K"));
    return signal == SIGINT ? 0 : 128 + signal;
  }

  Result<> adapt(int signal) {
    if (signal == SIGTSTP) {
      const Fd self = TRY(sys::pidfd_open(sys::own_pid()));
      TRY(sys::pidfd_send_signal(self, SIGSTOP));
    }
    if (signal == SIGTSTP || signal == SIGCONT) table_.forget();
    // Lines that were wrapped or joined by it cannot be counted any more.
    if (signal == SIGWINCH) {
      table_.forget();
      TRY(print("\x1b[H\x1b[2J"));
    }
    return {};
  }

  LiveTable table_;
  std::vector<StatsRow> rows_;
};

}  // namespace

Result<int> events(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  const std::string& id = options.operands.front();
  if (options.watch.once) {
    const StatsSource source = TRY(StatsSource::open(settings, id));
    const ContainerStats now = TRY(source.read());
    return print(stats_event(now));
  }
  const runtime::Watcher watcher{
      .stats = [](const ContainerStats& now) -> Result<> {
        TRY(print(stats_event(now)));
        return {};
      },
      .out_of_memory = [&id]() -> Result<> {
        TRY(print(oom_event(id)));
        return {};
      },
  };
  const std::int64_t interval_ms = options.watch.interval_ms.value_or(kEventsIntervalMs);
  TRY(runtime::watch(settings, {.id = id, .interval_ms = interval_ms}, watcher));
  return 0;
}

Result<int> stats(const Options& options, Log& log) {
  const std::int64_t interval_ms = options.watch.interval_ms.value_or(kStatsIntervalMs);
  Containers containers(settings_from(options, log));
  TRY(containers.watch(options.operands));
  TRY(containers.look());
  sys::sleep_ms(static_cast<int>(std::min(kFirstLooksMs, interval_ms)));
  if (options.watch.once) {
    const std::vector<StatsRow> rows = TRY(containers.look());
    return print_rows(rows, options.list_format);
  }
  const bool live = options.list_format == ListFormat::Table && sys::is_terminal(kStdout);
  return live ? Display::show(containers, interval_ms)
              : stream(containers, interval_ms, options.list_format);
}

}  // namespace brig::cli
