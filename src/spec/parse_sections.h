// The structs whose members are read in another file than the structs that contain them.
#pragma once

#include "spec/reader.h"
#include "spec/types.h"

namespace brig::spec {

void read_members(const Reader& in, Process& out);
void read_members(const Reader& in, IdMapping& out);
void read_members(const Reader& in, Mount& out);
void read_members(const Reader& in, Hooks& out);
void read_members(const Reader& in, Linux& out);
void read_members(const Reader& in, Resources& out);
void read_members(const Reader& in, Seccomp& out);

}  // namespace brig::spec
