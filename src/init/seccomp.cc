#include "init/seccomp.h"

#include "linux/seccomp/apply.h"

namespace brig {

Result<> load_filter(const Init& init) {
  const SeccompProgram& program = *init.plan.seccomp;
  if (!init.plan.notifies) return apply_seccomp(program);
  if (init.plan.sends_listener) {
    const Fd listener = TRY(open_seccomp_listener(program));
    const FdRef sent = listener;
    return init.parent.send(ListenerFollows{}, {&sent, 1});
  }
  // Said before: afterwards this message itself may have to wait for the agent's word.
  TRY(init.parent.send(ListenerFollows{}));
  Fd listener = TRY(open_seccomp_listener(program));
  // The parent copies it by pidfd_getfd(2); the number stays taken until the execve closes it.
  init.listener = listener.release();
  return {};
}

}  // namespace brig
