// The text formats in which the kernel counts. A line that is not understood is left out: a newer
// kernel adds lines, and a number that is missing must not hide the others.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "linux/cgroup/stats/stats.h"

namespace brig {

// "4096\n"; "max" is kNoLimit, anything else 0.
std::uint64_t parse_count(std::string_view text);
std::int64_t parse_signed(std::string_view text);

// "key 1\nother 2\n": memory.stat, cpu.stat, every *.events.
KeyValues parse_key_values(std::string_view text);
std::uint64_t value_of(const KeyValues& values, const std::string& key);  // 0 when missing

// "some avg10=0.12 avg60=0.00 avg300=0.00 total=815\nfull ...\n"; cpu.pressure had no second line
// before Linux 5.13.
Pressure parse_pressure(std::string_view text);

// "0-2,7\n" -> {0, 1, 2, 7}
std::vector<std::uint64_t> parse_number_list(std::string_view text);

// "1 2 3 \n": cpuacct.usage_percpu
std::vector<std::uint64_t> parse_counts(std::string_view text);

// cpuacct.usage_all: "cpu user system\n0 1 2\n1 3 4\n"
struct UsageByMode {
  std::vector<std::uint64_t> user, kernel;
};
UsageByMode parse_usage_by_mode(std::string_view text);

// "8:0 Read 4096\n8:0 Total 4096\nTotal 4096\n" or "8:0 77\n". The sum over the devices is left
// out.
std::vector<IoEntry> parse_blkio(std::string_view text);

// "8:0 rbytes=1 wbytes=2 rios=3\n" -> {"8:0": {"rbytes": 1, ...}}: io.stat
std::map<std::string, KeyValues> parse_io_stat(std::string_view text);
// What v1 counts too, under its names.
void add_as_v1(const std::map<std::string, KeyValues>& io_stat, IoStats& io);

// "mlx5_0 hca_handle=2 hca_object=max\n"
std::map<std::string, RdmaStats> parse_rdma(std::string_view text);

// {"hugetlb.2MB.current", ...} -> {"2MB"}; `suffix` is ".current" or ".usage_in_bytes".
std::vector<std::string> page_sizes_in(const std::vector<std::string>& files,
                                       std::string_view suffix);

}  // namespace brig
