#include "linux/personality/plan.h"

#include <sys/personality.h>

#include "spec/types.h"

namespace brig {

Result<PersonalityPlan> plan_personality(const spec::Personality& personality) {
  // The spec has the member but defines no flag. Taking one in silence would promise, say, fixed
  // addresses (ADDR_NO_RANDOMIZE) to somebody who counts on them.
  if (!personality.flags.empty())
    return fail(Errc::BadConfig, cat("linux.personality.flags[0]: '", personality.flags.front(),
                                     "' is not supported: the specification defines no flags"));
  if (personality.domain == "LINUX") return PersonalityPlan{.domain = PER_LINUX};
  if (personality.domain == "LINUX32") return PersonalityPlan{.domain = PER_LINUX32};
  return fail(Errc::BadConfig, cat("linux.personality.domain: unknown domain '", personality.domain,
                                   "' (LINUX or LINUX32)"));
}

}  // namespace brig
