#include "linux/credentials/plan.h"

#include <algorithm>

#include "linux/credentials/names.h"
#include "spec/types.h"

namespace brig {

namespace {

constexpr std::size_t kMaxGroups = 65536;    // NGROUPS_MAX, Linux 2.6.4
constexpr std::uint32_t kNoId = UINT32_MAX;  // -1: "leave it alone" to setresuid(2)

std::uint64_t all_up_to(std::uint32_t last_cap) {
  return last_cap >= 63 ? ~std::uint64_t{0} : (std::uint64_t{2} << last_cap) - 1;
}

// The five sets on their way from the configuration to what the kernel will take.
class CapabilityPlanner {
 public:
  CapabilityPlanner(const CredentialFacts& facts, CredentialPlan& plan)
      : facts_(facts), plan_(plan) {}

  void plan(const spec::Capabilities& wanted) {
    const std::uint64_t here = all_up_to(facts_.last_cap) & facts_.own_bounding;
    constexpr char kNotHere[] = "not in the bounding set of brig itself";
    plan_.bounding = keep("bounding", wanted.bounding, here, kNotHere);
    plan_.permitted = keep("permitted", wanted.permitted, here & facts_.own_permitted,
                           "brig itself does not have them");
    // What follows are rules of capset(2) and prctl(2). It would refuse the whole call for one
    // capability too many, and the container would not start.
    plan_.effective = keep("effective", wanted.effective, plan_.permitted, "not permitted");
    plan_.inheritable =
        keep("inheritable", wanted.inheritable, here & plan_.bounding, "not in the bounding set");
    plan_.ambient = keep("ambient", wanted.ambient, plan_.permitted & plan_.inheritable,
                         "not both permitted and inheritable");
  }

 private:
  std::uint64_t keep(std::string_view set, const std::vector<std::string>& names,
                     std::uint64_t possible, std::string_view reason) {
    std::uint64_t wanted = 0;
    for (const std::string& name : names)
      if (const auto number = capability_number(name)) wanted |= std::uint64_t{1} << *number;
    if ((wanted & ~possible) != 0)
      plan_.warnings.push_back(cat("process.capabilities.", set, ": left out ",
                                   describe_capabilities(wanted & ~possible), ": ", reason));
    return wanted & possible;
  }

  const CredentialFacts& facts_;
  CredentialPlan& plan_;
};

Result<> check_user(const spec::User& user, const CredentialFacts& facts) {
  if (user.uid == kNoId) return fail(Errc::BadConfig, "uid: 4294967295 is not a user id");
  if (user.gid == kNoId) return fail(Errc::BadConfig, "gid: 4294967295 is not a group id");
  if (user.umask.value_or(0) > 0777)
    return fail(Errc::BadConfig, cat("umask: ", *user.umask, " is above 511 (octal 777)"));
  if (user.additional_gids.size() > kMaxGroups)
    return fail(Errc::BadConfig, cat("additionalGids: ", user.additional_gids.size(),
                                     " groups; the kernel takes ", kMaxGroups));
  for (std::size_t i = 0; i < user.additional_gids.size(); ++i)
    if (user.additional_gids[i] == kNoId)
      return fail(Errc::BadConfig, cat("additionalGids[", i, "]: 4294967295 is not a group id"));
  if (facts.keep_groups && !user.additional_gids.empty())
    return fail(Errc::BadConfig,
                "additionalGids: cannot be set where the caller's groups are kept "
                "(annotation run.oci.keep_original_groups)");
  if (facts.setgroups_denied && !user.additional_gids.empty())
    return fail(Errc::BadConfig,
                "additionalGids: cannot set any additional groups in a rootless container: "
                "its user namespace denies setgroups");
  return {};
}

// With no additional groups the call is still made: it is what drops the caller's own.
void plan_user(const spec::User& user, const CredentialFacts& facts, CredentialPlan& plan) {
  plan.uid = user.uid;
  plan.gid = user.gid;
  plan.groups = user.additional_gids;
  plan.umask = user.umask.value_or(0022);
  if (facts.identity) {
    std::vector<std::uint32_t> sorted = plan.groups;
    std::ranges::sort(sorted);
    plan.set_groups = sorted != facts.identity->groups;
    plan.set_gid = plan.gid != facts.identity->gid;
    plan.set_uid = plan.uid != facts.identity->uid;
  }
  // CVE-2014-8989: where setgroups is denied, dropping a group could be what grants access.
  if (facts.setgroups_denied || facts.keep_groups) plan.set_groups = false;
  plan.setgroups_may_be_denied = plan.set_groups && facts.setgroups_may_be_denied;
}

}  // namespace

Result<CredentialPlan> plan_credentials(const spec::Process& process,
                                        const CredentialFacts& facts) {
  TRY_DOING(check_user(process.user, facts), "process.user");
  CredentialPlan plan;
  plan_user(process.user, facts, plan);
  if (process.capabilities) CapabilityPlanner(facts, plan).plan(*process.capabilities);
  plan.dropped = all_up_to(facts.last_cap) & facts.own_bounding & ~plan.bounding;
  // Leaving uid 0 empties the permitted and effective sets (capabilities(7)). With nothing to
  // keep that is welcome; inheritable ones count, capset takes them from the permitted.
  plan.keep_capabilities =
      plan.set_uid && (plan.permitted | plan.effective | plan.inheritable) != 0;
  plan.no_new_privileges = process.no_new_privileges;
  return plan;
}

}  // namespace brig
