#include "spec/parse.h"

#include "spec/parse_sections.h"

namespace brig::spec {
namespace {

template <class T>
T read_document(const json::Node& root, const Place& place) {
  T out;
  read(Reader(root, place), out);
  return out;
}

}  // namespace

static void read_members(const Reader& in, Root& out) {
  in.required("path", out.path);
  in.optional("readonly", out.readonly);
}

static void read_members(const Reader& in, Spec& out) {
  in.required("ociVersion", out.oci_version);
  in.optional("process", out.process);
  in.optional("root", out.root);
  in.optional("hostname", out.hostname);
  in.optional("domainname", out.domainname);
  in.optional("mounts", out.mounts);
  in.optional("hooks", out.hooks);
  in.optional("annotations", out.annotations);
  in.optional("linux", out.linux_);
}

Spec parse_spec(const json::Node& root, Findings& findings, UnknownMembers unknown) {
  return read_document<Spec>(root, Place(findings, unknown));
}

Process parse_process(const json::Node& root, Findings& findings) {
  return read_document<Process>(root, Place(findings));
}

std::vector<Mount> parse_mounts(const json::Node& root, const Place& here) {
  return read_document<std::vector<Mount>>(root, here);
}

Resources parse_resources(const json::Node& root, Findings& findings) {
  return read_document<Resources>(root, Place(findings));
}

}  // namespace brig::spec
