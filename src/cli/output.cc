#include "cli/output.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/json.h"
#include "base/text.h"
#include "runtime/version.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace brig::cli {
namespace {

constexpr std::size_t kColumns = 6;
using Row = std::array<std::string, kColumns>;

// The keys that runc prints, in its order: `state` and `list` share them.
void append_state(json::Writer& writer, const runtime::ContainerState& state) {
  writer.begin_object();
  writer.member("ociVersion", std::string_view(state.oci_version));
  writer.member("id", std::string_view(state.id));
  writer.member("pid", static_cast<std::int64_t>(state.pid));
  writer.member("status", runtime::name_of(state.status));
  writer.member("bundle", std::string_view(state.bundle));
  if (!state.rootfs.empty()) writer.member("rootfs", std::string_view(state.rootfs));
  if (!state.created.empty()) writer.member("created", std::string_view(state.created));
  if (!state.systemd_scope.empty())  // crun's
    writer.member("systemd-scope", std::string_view(state.systemd_scope));
  if (!state.annotations.empty()) {
    writer.key("annotations");
    writer.begin_object();
    for (const auto& [key, value] : state.annotations) writer.member(key, std::string_view(value));
    writer.end_object();
  }
  if (!state.owner.empty()) writer.member("owner", std::string_view(state.owner));
  writer.end_object();
}

// Characters, not bytes: continuation bytes of UTF-8 take no column.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

// Columns as Go's tabwriter lays them out for runc: at least 12 wide, 3 blanks behind the longest
// cell, and nothing behind the last column.
std::string layout(std::span<const Row> rows) {
  constexpr std::size_t kMinWidth = 12;
  constexpr std::size_t kPadding = 3;
  std::array<std::size_t, kColumns> widths{};
  widths.fill(kMinWidth);
  for (const Row& row : rows)
    for (std::size_t i = 0; i < kColumns; ++i)
      widths[i] = std::max(widths[i], width(row[i]) + kPadding);

  std::string out;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i + 1 < kColumns; ++i) {
      out += row[i];
      out.append(widths[i] - width(row[i]), ' ');
    }
    out += row.back() + '\n';
  }
  return out;
}

}  // namespace

Result<int> print(std::string_view text) {
  TRY_DOING(sys::write_all(FdRef::number(STDOUT_FILENO), text), "standard output");
  return 0;
}

std::string state_json(const runtime::ContainerState& state) {
  json::Writer writer(json::Writer::Pretty{.spaces = 2, .tab = false});
  append_state(writer, state);
  return writer.take() + '\n';
}

std::string list_json(std::span<const runtime::ContainerState> containers) {
  if (containers.empty()) return "null\n";  // what Go makes of a nil slice
  json::Writer writer;
  writer.begin_array();
  for (const runtime::ContainerState& state : containers) append_state(writer, state);
  writer.end_array();
  return writer.take() + '\n';
}

std::string list_table(std::span<const runtime::ContainerState> containers) {
  std::vector<Row> rows = {{"ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"}};
  for (const runtime::ContainerState& state : containers)
    rows.push_back({state.id, cat(state.pid), std::string(runtime::name_of(state.status)),
                    state.bundle, state.created, state.owner});
  return layout(rows);
}

std::string process_ids_json(std::span<const pid_t> pids) {
  json::Writer writer;
  writer.begin_array();
  for (const pid_t pid : pids) writer.value(static_cast<std::int64_t>(pid));
  writer.end_array();
  return writer.take() + '\n';
}

// Docker takes what stands around the word "version" on the only line that has it.
std::string version_text() {
  const std::string_view commit = runtime::commit();
  return cat("brig version ", runtime::version(),                //
             "\ncommit: ", commit.empty() ? "unknown" : commit,  //
             "\nspec: ", runtime::kSpecVersion,                  //
             "\nlibseccomp: ", runtime::libseccomp_version(), "\n");
}

}  // namespace brig::cli
