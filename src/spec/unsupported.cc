// What the specification allows and this version of brig cannot do. To leave any of it out would
// be a container other than the one that was asked for, so it is refused by name. A feature that
// arrives takes its line away here.
#include "spec/validate.h"

namespace brig::spec {
namespace {

constexpr char kNotSupported[] = " are not supported by this version";

template <class Section>
struct Unsupported {
  std::string_view member, what;
  bool (*is_asked_for)(const Section&);
};

constexpr Unsupported<Linux> kInLinux[] = {
    {"intelRdt", "Intel RDT groups", [](const Linux& l) { return l.intel_rdt.has_value(); }},
};

template <class Section, std::size_t N>
void refuse(const Unsupported<Section> (&table)[N], const Section& section, const Place& here) {
  for (const Unsupported<Section>& entry : table)
    if (entry.is_asked_for(section)) here.at(entry.member).error(entry.what, kNotSupported);
}

}  // namespace

void validate_supported(const Spec& spec, Findings& findings) {
  if (!spec.linux_) return;
  const Place root(findings);
  const Place section = root.at("linux");
  refuse(kInLinux, *spec.linux_, section);
}

}  // namespace brig::spec
