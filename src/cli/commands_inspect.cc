// The commands that look and change nothing: plan, check, info.
#include <utility>
#include <vector>

#include "base/json.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/paths.h"
#include "runtime/inspect/check.h"
#include "runtime/inspect/info.h"
#include "runtime/inspect/plan.h"

namespace brig::cli {
namespace {

constexpr char kNoId[] = "ID";  // stands for the id where none is given

// As with create, but the bundle may be the operand, and the id is an option.
Result<runtime::CreateOptions> inspected_bundle(const Options& options) {
  runtime::CreateOptions wanted = options.run.create;
  if (!options.operands.empty()) wanted.bundle = options.operands.front();
  if (wanted.id.empty()) wanted.id = kNoId;
  if (wanted.config != runtime::CreateOptions{}.config)
    wanted.config = TRY(from_working_directory(wanted.config));
  return wanted;
}

void append_step(json::Writer& writer, const runtime::Outline::Step& step) {
  writer.begin_object();
  writer.member("what", runtime::one_line(step));
  if (!step.details.empty()) writer.strings("details", step.details);
  writer.end_object();
}

std::string plan_json(const runtime::PlanReport& report) {
  json::Writer writer(json::Writer::Pretty{.spaces = 2, .tab = false});
  writer.begin_object();
  writer.member("id", report.id);
  writer.member("bundle", report.bundle);
  writer.key("sections");
  writer.begin_array();
  for (const runtime::Outline::Section& section : report.steps.sections()) {
    writer.begin_object();
    writer.member("title", section.title);
    writer.key("steps");
    writer.begin_array();
    for (const runtime::Outline::Step& step : section.steps) append_step(writer, step);
    writer.end_array();
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return writer.take() + '\n';
}

std::string_view severity_of(const runtime::CheckFinding& finding) {
  return finding.warning ? "warning" : "error";
}

// "config.json:12:9: error: process.rlimits[0].type: unknown rlimit 'RLIMIT_FOO'", and below it
// what to do.
std::string check_text(const runtime::CheckReport& report) {
  std::string out;
  std::size_t errors = 0;
  for (const runtime::CheckFinding& found : report.findings) {
    append(out, cat(report.config, ":", found.line, ":", found.column, ": ", severity_of(found),
                    ": ", found.path, found.path.empty() ? "" : ": ", found.what, "\n"));
    if (!found.remedy.empty()) append(out, cat("  ", found.remedy, "\n"));
    errors += found.warning ? 0 : 1;
  }
  const std::size_t warnings = report.findings.size() - errors;
  append(out, cat(errors, errors == 1 ? " error, " : " errors, ", warnings,
                  warnings == 1 ? " warning: " : " warnings: ",
                  report.passes() ? "create can do this here\n" : "create would fail\n"));
  return out;
}

std::string check_json(const runtime::CheckReport& report) {
  json::Writer writer(json::Writer::Pretty{.spaces = 2, .tab = false});
  writer.begin_object();
  writer.member("bundle", report.bundle);
  writer.member("config", report.config);
  writer.member("passes", report.passes());
  writer.key("findings");
  writer.begin_array();
  for (const runtime::CheckFinding& found : report.findings) {
    writer.begin_object();
    writer.member("severity", severity_of(found));
    writer.member("path", found.path);
    writer.member("line", static_cast<std::uint64_t>(found.line));
    writer.member("column", static_cast<std::uint64_t>(found.column));
    writer.member("message", found.what);
    if (!found.remedy.empty()) writer.member("remedy", found.remedy);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return writer.take() + '\n';
}

std::string_view word_of(runtime::Offer offer) {
  switch (offer) {
    case runtime::Offer::Fact:
      return "";
    case runtime::Offer::There:
      return "yes";
    case runtime::Offer::Missing:
      return "no";
  }
  std::unreachable();
}

constexpr std::size_t kNameWidth = 34;

std::string info_line(const runtime::InfoItem& item) {
  std::string line = cat("  ", item.name, ":");
  line.append(line.size() < kNameWidth ? kNameWidth - line.size() : 1, ' ');
  const std::string_view word = word_of(item.offer);
  append(line, cat(word, word.empty() || item.value.empty() ? "" : ", ", item.value, "\n"));
  return line;
}

// First what there is, then what is missing, for what, and what to do.
std::string info_text(const std::vector<runtime::InfoSection>& sections) {
  std::string out, missing;
  for (const runtime::InfoSection& section : sections) {
    append(out, cat(section.name, "\n"));
    for (const runtime::InfoItem& item : section.items) {
      append(out, info_line(item));
      if (item.offer != runtime::Offer::Missing) continue;
      append(missing, cat("  ", section.name, ": ", item.name, ", for ", item.needed_for, "\n"));
      if (!item.remedy.empty()) append(missing, cat("      ", item.remedy, "\n"));
    }
    out += '\n';
  }
  return cat(out, "missing\n", missing.empty() ? "  nothing\n" : missing);
}

void append_item(json::Writer& writer, const runtime::InfoItem& item) {
  writer.begin_object();
  writer.member("name", item.name);
  if (item.offer != runtime::Offer::Fact)
    writer.member("present", item.offer == runtime::Offer::There);
  if (!item.value.empty()) writer.member("value", item.value);
  if (!item.needed_for.empty()) writer.member("neededFor", item.needed_for);
  if (!item.remedy.empty()) writer.member("remedy", item.remedy);
  writer.end_object();
}

std::string info_json(const std::vector<runtime::InfoSection>& sections) {
  json::Writer writer(json::Writer::Pretty{.spaces = 2, .tab = false});
  writer.begin_object();
  for (const runtime::InfoSection& section : sections) {
    writer.key(section.name);
    writer.begin_array();
    for (const runtime::InfoItem& item : section.items) append_item(writer, item);
    writer.end_array();
  }
  writer.end_object();
  return writer.take() + '\n';
}

}  // namespace

Result<int> info(const Options& options, Log& log) {
  const auto sections = runtime::host_info(settings_from(options, log));
  const bool as_json = options.report_format == ReportFormat::Json;
  return print(as_json ? info_json(sections) : info_text(sections));
}

Result<int> check(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  const runtime::CreateOptions wanted = TRY(inspected_bundle(options));
  const runtime::CheckReport report = runtime::check(settings, wanted);
  const bool as_json = options.report_format == ReportFormat::Json;
  TRY(print(as_json ? check_json(report) : check_text(report)));
  return report.passes() ? 0 : 1;
}

Result<int> plan(const Options& options, Log& log) {
  const runtime::Settings settings = settings_from(options, log);
  const runtime::CreateOptions wanted = TRY(inspected_bundle(options));
  const runtime::PlanReport report = TRY(runtime::plan(settings, wanted));
  const bool as_json = options.report_format == ReportFormat::Json;
  return print(as_json ? plan_json(report) : report.steps.text());
}

}  // namespace brig::cli
