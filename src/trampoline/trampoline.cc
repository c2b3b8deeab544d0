// The trampoline: a program of a few hundred bytes that executes another one.
//
// execve(2) resolves "/proc/self/exe", as a path, as the interpreter of a script or of an ELF
// file, to the program that is running at that moment. If that were brig, a container could get
// hold of the host's brig binary and overwrite it (CVE-2019-5736). So the container's program is
// never executed by brig itself: brig executes this, from a sealed file in memory, and this
// executes the program. It also waits for the start, so that a container that is created and not
// yet started costs a page of memory and not a copy of brig. And for a process that enters a
// container it makes that process: nobody in the container's pid namespace ever sees brig.
//
// Freestanding: no libc, no writable data, nothing but system calls. argv[0] is the path to
// execute, the rest is the program's own argv; the environment is the program's.
#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#include "trampoline/order.h"

extern "C" const char __ehdr_start[];  // of this image, by the linker

namespace {

using brig::TrampolineOrder;
using brig::TrampolineReport;

long system_call(long number, long a, long b, long c, long d = 0, long e = 0) {
#if defined(__x86_64__)
  register long r10 asm("r10") = d;
  register long r8 asm("r8") = e;
  long result;
  asm volatile("syscall"
               : "=a"(result)
               : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
               : "rcx", "r11", "memory");
  return result;
#elif defined(__aarch64__)
  register long x8 asm("x8") = number;
  register long x0 asm("x0") = a;
  register long x1 asm("x1") = b;
  register long x2 asm("x2") = c;
  register long x3 asm("x3") = d;
  register long x4 asm("x4") = e;
  asm volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
  return x0;
#else
#error "the trampoline knows x86_64 and aarch64"
#endif
}

template <class T>
long address(const T* pointer) {
  return reinterpret_cast<long>(pointer);
}

[[noreturn]] void leave() {
  while (true) system_call(__NR_exit_group, 1, 0, 0);
}

const TrampolineOrder& order() {
  // The section table of an image in memory is nobody's: its place in the header says where the
  // order is.
  const auto& header = *reinterpret_cast<const Elf64_Ehdr*>(__ehdr_start);
  return *reinterpret_cast<const TrampolineOrder*>(__ehdr_start + header.e_shoff);
}

void send(const TrampolineReport& what, long number) {
  char message[brig::kLongestReport];
  for (unsigned i = 0; i < what.size; ++i) message[i] = __ehdr_start[what.offset + i];
  for (unsigned i = 0; i < 4; ++i)
    message[what.number_offset + i] = static_cast<char>(static_cast<unsigned>(number) >> (8 * i));
  system_call(__NR_write, order().report_fd, address(message), what.size);
}

[[noreturn]] void report(const TrampolineReport& what, long result) {
  send(what, -result);
  leave();
}

// False if there is no such descriptor.
bool close_at_exec(int fd) {
  return system_call(__NR_fcntl, fd, F_SETFD, FD_CLOEXEC) == 0;
}

// Closes the fifo, too: a container is "created" while somebody holds it open, and whoever sees
// the end of the other one must find this one closed already.
void wait_for_start(int fd) {
  char byte;
  long got;
  do got = system_call(__NR_read, fd, address(&byte), 1);
  while (got == -EINTR);
  if (got != 1) leave();
  system_call(__NR_close, fd, 0, 0);
}

// The kernel takes it only from the process itself, and only through a descriptor that was opened
// since its last execve.
void write_label(const TrampolineOrder& what) {
  const char* attribute = __ehdr_start + what.attribute_offset;
  const long file =
      system_call(__NR_openat, what.proc_fd, address(attribute), O_WRONLY | O_CLOEXEC);
  if (file < 0) report(what.label_failed, file);
  const char* label = __ehdr_start + what.label_offset;
  const long written = system_call(__NR_write, file, address(label), what.label_size);
  if (written < 0) report(what.label_failed, written);
  close_at_exec(what.proc_fd);
}

void load_filter(const TrampolineOrder& what) {
  const sock_fprog program{.len = static_cast<unsigned short>(what.filter_count),
                           .filter = reinterpret_cast<sock_filter*>(
                               const_cast<char*>(__ehdr_start + what.filter_offset))};
  const long result =
      system_call(__NR_seccomp, SECCOMP_SET_MODE_FILTER, what.filter_flags, address(&program));
  if (result < 0) report(what.filter_failed, result);
}

// A sibling, so that it is the child of whoever is to know its end. Only it returns.
void fork_into_container(const TrampolineOrder& what) {
  const long child = system_call(__NR_clone, CLONE_PARENT | SIGCHLD, 0, 0);
  if (child < 0) report(what.fork_failed, child);
  if (child > 0) {
    send(what.forked, child);
    leave();
  }
  long result = system_call(__NR_setsid, 0, 0, 0);
  if (result >= 0 && what.takes_terminal != 0) result = system_call(__NR_ioctl, 0, TIOCSCTTY, 0);
  if (result < 0) report(what.session_failed, result);
}

}  // namespace

extern "C" [[noreturn, gnu::used]] void trampoline_main(long* stack) {
  char** argv = reinterpret_cast<char**>(stack + 1);
  char** envp = argv + stack[0] + 1;
  const TrampolineOrder& what = order();
  // Its descriptors lead to brig's state: no business of others in the same pid namespace.
  system_call(__NR_prctl, PR_SET_DUMPABLE, 0, 0);
  // A script whose interpreter is /proc/self/exe has this program execute itself, which would never
  // end. The second time there is nobody to report to.
  if (!close_at_exec(what.report_fd)) leave();
  if (what.wait_fd >= 0) wait_for_start(what.wait_fd);
  if (what.forks != 0) fork_into_container(what);
  if (what.proc_fd >= 0) write_label(what);
  if (what.filter_count > 0) load_filter(what);
  const long result = system_call(__NR_execve, address(argv[0]), address(argv + 1), address(envp));
  report(what.exec_failed, result);
}

// The kernel enters here with argc, argv and envp on the stack.
#if defined(__x86_64__)
asm(".globl _start\n_start:\n  xor %ebp, %ebp\n  mov %rsp, %rdi\n  and $-16, %rsp\n"
    "  call trampoline_main\n");
#else
asm(".globl _start\n_start:\n  mov x29, #0\n  mov x0, sp\n  bl trampoline_main\n");
#endif
