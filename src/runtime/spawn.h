// The birth of a process that will be inside a container: the first one (launch.cc) or one that
// enters later (exec.cc).
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "init/channel.h"
#include "init/plan.h"
#include "init/recorder.h"
#include "sys/fd.h"
#include "sys/process.h"
#include "sys/shared_memory.h"

namespace brig::runtime {

// --preserve-fds: 3 up to 3+N-1 stay open in the container, and nothing else that the caller left
// open, by mistake or not. To be made before any descriptor of ours, and kept until the spawn.
class PreservedFds {
 public:
  static Result<PreservedFds> keep(std::uint32_t count);

 private:
  std::vector<Fd> fillers_;  // of numbers that the caller left closed
};

// Descriptors for the new process, and the numbers under which it finds them.
class Inheritance {
 public:
  std::int32_t add(Fd fd) {
    numbers_.push_back(fd.raw());
    owned_.push_back(std::move(fd));
    return numbers_.back();
  }
  [[nodiscard]] const std::vector<int>& numbers() const { return numbers_; }

 private:
  std::vector<Fd> owned_;
  std::vector<int> numbers_;
};

// Whether it stays a copy of this process until the trampoline (init/trampoline.h), or is brig
// executed again from a read-only clone of its binary (runtime/self_image.h).
enum class Form : std::uint8_t { Copy, Image };

struct Spawned {
  sys::Child child;
  ParentChannel channel;
  sys::SharedMemory handover;

  [[nodiscard]] HandoverHeader& shared() const {
    return *reinterpret_cast<HandoverHeader*>(handover.bytes().data());
  }
  [[nodiscard]] Stage stage() const { return shared().stage; }
  // "exited with 1 while mounting": when it is gone without a message.
  [[nodiscard]] Error describe_death() const;
  [[nodiscard]] Error describe_death(const sys::ExitStatus& end) const;
};

// Where the program has a label: the procfs in which it is written. Taken by its descriptor from
// before anything of the container's is entered, and checked: a label that went into a file of the
// image would confine nobody (CVE-2019-16884).
Result<> open_proc_for_label(InitPlan& plan, Inheritance& inheritance);

// Adds the channel and the trampoline to what the plan inherits. The caller's copies of all that
// close with `inheritance`; only then does the end of the new process close the channel.
// The process that the one we made has passed its place on to. Whoever may trace that one can
// speak for it, so that only a child of ours is believed to be it.
Result<sys::Child> open_sibling(pid_t pid);

Result<Spawned> spawn(InitPlan& plan, Inheritance& inheritance, const sys::BirthPlan& birth,
                      Form form);

}  // namespace brig::runtime
