#include "spec/parse_sections.h"

namespace brig::spec {

static void read_members(const Reader& in, ConsoleSize& out) {
  in.required("height", out.height);
  in.required("width", out.width);
}

static void read_members(const Reader& in, User& out) {
  in.optional("uid", out.uid);
  in.optional("gid", out.gid);
  in.optional("umask", out.umask);
  in.optional("additionalGids", out.additional_gids);
}

static void read_members(const Reader& in, Rlimit& out) {
  in.required("type", out.type);
  in.required("soft", out.soft);
  in.required("hard", out.hard);
}

static void read_members(const Reader& in, Capabilities& out) {
  in.optional("bounding", out.bounding);
  in.optional("effective", out.effective);
  in.optional("inheritable", out.inheritable);
  in.optional("permitted", out.permitted);
  in.optional("ambient", out.ambient);
}

static void read_members(const Reader& in, Scheduler& out) {
  in.required("policy", out.policy);
  in.optional("nice", out.nice);
  in.optional("priority", out.priority);
  in.optional("flags", out.flags);
  in.optional("runtime", out.runtime);
  in.optional("deadline", out.deadline);
  in.optional("period", out.period);
}

static void read_members(const Reader& in, IoPriority& out) {
  in.required("class", out.io_class);
  in.optional("priority", out.priority);
}

static void read_members(const Reader& in, ExecCpuAffinity& out) {
  in.optional("initial", out.initial);
  in.optional("final", out.final);
}

void read_members(const Reader& in, Process& out) {
  in.optional("terminal", out.terminal);
  in.optional("consoleSize", out.console_size);
  in.optional("user", out.user);
  in.optional("args", out.args);
  in.optional("env", out.env);
  in.optional("cwd", out.cwd);
  if (!in.has("cwd")) in.place().at("cwd").warn("missing; using '", out.cwd, "'");
  in.optional("capabilities", out.capabilities);
  in.optional("rlimits", out.rlimits);
  in.optional("noNewPrivileges", out.no_new_privileges);
  in.optional("oomScoreAdj", out.oom_score_adj);
  in.optional("apparmorProfile", out.apparmor_profile);
  in.optional("selinuxLabel", out.selinux_label);
  in.optional("scheduler", out.scheduler);
  in.optional("ioPriority", out.io_priority);
  in.optional("execCPUAffinity", out.exec_cpu_affinity);
}

}  // namespace brig::spec
