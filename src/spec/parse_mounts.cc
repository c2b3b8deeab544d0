// Mounts and hooks.
#include "spec/parse_sections.h"

namespace brig::spec {

void read_members(const Reader& in, IdMapping& out) {
  in.required("containerID", out.container_id);
  in.required("hostID", out.host_id);
  in.required("size", out.size);
}

void read_members(const Reader& in, Mount& out) {
  in.required("destination", out.destination);
  in.optional("type", out.type);
  in.optional("source", out.source);
  in.optional("options", out.options);
  in.optional("uidMappings", out.uid_mappings);
  in.optional("gidMappings", out.gid_mappings);
}

static void read_members(const Reader& in, Hook& out) {
  in.required("path", out.path);
  in.optional("args", out.args);
  in.optional("env", out.env);
  in.optional("timeout", out.timeout);
}

void read_members(const Reader& in, Hooks& out) {
  in.optional("prestart", out.prestart);
  in.optional("createRuntime", out.create_runtime);
  in.optional("createContainer", out.create_container);
  in.optional("startContainer", out.start_container);
  in.optional("poststart", out.poststart);
  in.optional("poststop", out.poststop);
}

}  // namespace brig::spec
