// The parts of plan_text.h, by subject. Not for others.
#pragma once

#include "runtime/create_plan.h"
#include "runtime/outline.h"

namespace brig::runtime {

// plan_text_mounts.cc
void add_host_trees(Outline& out, const MountPlan& plan);
void add_mounts(Outline& out, const MountPlan& plan);
void add_restrictions(Outline& out, const MountPlan& plan);
void add_devices(Outline& out, const DevicePlan& plan);

// plan_text_process.cc
void add_identity(Outline& out, const InitPlan& plan);
void add_credentials(Outline& out, const CreatePlan& create);
void add_program(Outline& out, const CreatePlan& create);
void add_hooks(Outline& out, std::string_view when, const std::vector<Hook>& hooks);
void add_limit(Outline& out, const Rlimit& limit);

}  // namespace brig::runtime
