// From the bytes of a file to values that can be planned with: parsed, completed with defaults
// and validated. The error holds every fault, one a line; the warnings are for the log.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "spec/defaults.h"
#include "spec/findings.h"
#include "spec/types.h"

namespace brig::spec {

// Everything that there is to say about it; the values are good only as far as nothing is wrong.
// The error is a text that is no JSON.
struct Examined {
  Spec spec;
  Findings findings;
};
Result<Examined> examine_spec(const Source& source, const OwnIds* own_ids, UnknownMembers unknown,
                              const StringMap& annotations = {});

// `annotations`: as if the document had them, where it has not.
Result<Spec> load_spec(const Source& source, std::vector<std::string>& warnings,
                       const OwnIds* own_ids = nullptr, const StringMap& annotations = {});

// What a container was created from: it was valid then, for whoever created it.
Result<Spec> load_saved_spec(const Source& source);
Result<Process> load_process(const Source& source, std::vector<std::string>& warnings);
// A list of mounts for a container that is there. Where they go is all that is looked at if they
// are to be removed.
enum class MountsFor : bool { Adding, Removing };
Result<std::vector<Mount>> load_mounts(const Source& source, const Spec& container, MountsFor what,
                                       std::vector<std::string>& warnings);
Result<Resources> load_resources(const Source& source, std::vector<std::string>& warnings);

}  // namespace brig::spec
