#include "runtime/time_text.h"

#include <chrono>

#include "base/text.h"

namespace brig::runtime {

namespace {

std::string padded(std::int64_t number, std::size_t digits) {
  const std::string text = cat(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}

}  // namespace

std::string utc_text(std::int64_t ns_since_1970) {
  using namespace std::chrono;
  const sys_time<nanoseconds> time{nanoseconds(ns_since_1970)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  return cat(static_cast<int>(date.year()), "-", padded(static_cast<unsigned>(date.month()), 2),
             "-", padded(static_cast<unsigned>(date.day()), 2), "T",
             padded(clock.hours().count(), 2), ":", padded(clock.minutes().count(), 2), ":",
             padded(clock.seconds().count(), 2), ".", padded(clock.subseconds().count(), 9), "Z");
}

}  // namespace brig::runtime
