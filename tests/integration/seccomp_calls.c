// Tells what the seccomp filter that it runs under does with system calls, without making them.
//
// It puts a filter of its own on top, which sends whatever one of the two instructions below calls to
// a supervisor. That action counts for less than any refusal, and for more than what lets a call
// through: a call that the container's filter refuses fails in that filter's way, and any other
// one reaches the supervisor, who never lets it go on. So every number can be asked about with
// every argument, exit and reboot too.
//
//   seccomp_calls < CALLS     lines of "ENTRY NUMBER ARG ARG ARG ARG ARG ARG", where ENTRY is 64
//                             (syscall) or 32 (int 0x80); a line for each: "passed",
//                             "errno N" or "signal N"
//   seccomp_calls trace NR    what a tracer is told of system call NR
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MOST_CALLS = 1 << 16, PASSED = 4000 };  // no errno of the kernel's is that high

struct call {
  int entry;
  unsigned long number, args[6];
};

// Seen by both; which call is being made survives the one who makes it.
struct board {
  int next, count;
  struct call calls[MOST_CALLS];
  int results[MOST_CALLS];  // 0 or an errno; negative: the signal that ended it
};

long call_by_syscall(unsigned long number, const unsigned long* args);
long call_by_int80(unsigned long number, const unsigned long* args);
extern const char behind_syscall[], behind_int80[];

__asm__(
    ".text\n"
    "call_by_syscall:\n"
    "  mov %rdi, %rax\n  mov %rsi, %r11\n"
    "  mov 0(%r11), %rdi\n  mov 8(%r11), %rsi\n  mov 16(%r11), %rdx\n"
    "  mov 24(%r11), %r10\n  mov 32(%r11), %r8\n  mov 40(%r11), %r9\n"
    "  syscall\n"
    "behind_syscall:\n"
    "  ret\n"
    "call_by_int80:\n"
    "  push %rbx\n  push %rbp\n"
    "  mov %edi, %eax\n  mov %rsi, %r11\n"
    "  mov 0(%r11), %ebx\n  mov 8(%r11), %ecx\n  mov 16(%r11), %edx\n"
    "  mov 24(%r11), %esi\n  mov 32(%r11), %edi\n  mov 40(%r11), %ebp\n"
    "  int $0x80\n"
    "behind_int80:\n"
    "  pop %rbp\n  pop %rbx\n  cltq\n  ret\n");

static void die(const char* what) {
  perror(what);
  exit(99);
}

// The listener of a filter that notifies of calls by the two instructions.
static int open_listener(void) {
  const unsigned long one = (unsigned long)behind_syscall, other = (unsigned long)behind_int80;
  const unsigned ip = offsetof(struct seccomp_data, instruction_pointer);
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip + 4),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)(one >> 32), 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, ip),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)one, 1, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)other, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const struct sock_fprog program = {sizeof code / sizeof *code, code};
  if (one >> 32 != other >> 32) die("the two instructions lie too far apart");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) die("no_new_privs");
  const long fd = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER,
                          &program);
  if (fd < 0) die("seccomp");
  return (int)fd;
}

static void make_calls(struct board* board, int report) {
  const int listener = open_listener();
  if (write(report, &listener, sizeof listener) != sizeof listener) die("report the listener");
  for (; board->next < board->count; board->next++) {
    const struct call* call = &board->calls[board->next];
    const long result = call->entry == 64 ? call_by_syscall(call->number, call->args)
                                          : call_by_int80(call->number, call->args);
    board->results[board->next] = (int)-result;
  }
  _exit(0);
}

static void answer(int listener) {
  struct seccomp_notif asked;
  memset(&asked, 0, sizeof asked);
  if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &asked) != 0) return;  // it has been killed
  struct seccomp_notif_resp said = {.id = asked.id, .error = -PASSED};
  ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &said);
}

// Makes calls until all are made, or one of them ends who makes them. The child shares the
// table of descriptors: that is how its listener gets here.
static void supervise(struct board* board) {
  int report[2], listener = -1, pidfd = -1, status = 0;
  if (pipe(report) != 0) die("pipe");
  const long child = syscall(SYS_clone, CLONE_FILES | CLONE_PIDFD | SIGCHLD, 0, &pidfd, 0, 0);
  if (child < 0) die("clone");
  if (child == 0) make_calls(board, report[1]);
  if (read(report[0], &listener, sizeof listener) != sizeof listener) die("the listener");
  // The listener alone would not do: before Linux 6.11 it hangs up when the child has been reaped.
  struct pollfd waiting[] = {{.fd = listener, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};
  while (poll(waiting, 2, -1) > 0 && waiting[1].revents == 0) {
    if ((waiting[0].revents & POLLIN) != 0)
      answer(listener);
    else
      waiting[0].fd = -1;  // it has hung up: only the end is left to be waited for
  }
  if (waitpid((pid_t)child, &status, 0) != child) die("waitpid");
  if (WIFSIGNALED(status)) board->results[board->next++] = -WTERMSIG(status);
  for (int i = 0; i < 2; i++) close(report[i]);
  close(listener);
  close(pidfd);
}

static void print(int result) {
  if (result == PASSED)
    puts("passed");
  else
    printf("%s %d\n", result < 0 ? "signal" : "errno", abs(result));
}

static int trace(unsigned long number) {
  const pid_t child = fork();
  if (child == 0) {
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    syscall((long)number);
    _exit(0);
  }
  int status = 0;
  unsigned long message = 0;
  waitpid(child, &status, 0);
  if (ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL) != 0)
    die("ptrace");
  ptrace(PTRACE_CONT, child, 0, 0);
  waitpid(child, &status, 0);
  if (status >> 8 != (SIGTRAP | PTRACE_EVENT_SECCOMP << 8)) die("nothing was traced");
  ptrace(PTRACE_GETEVENTMSG, child, 0, &message);
  printf("%lu\n", message);
  return 0;
}

int main(int argc, char** argv) {
  if (argc == 3) return trace(strtoul(argv[2], NULL, 0));
  struct board* board = mmap(NULL, sizeof *board, PROT_READ | PROT_WRITE,
                             MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (board == MAP_FAILED) die("mmap");
  struct call call;
  while (board->count < MOST_CALLS &&
         scanf("%d %lu %lu %lu %lu %lu %lu %lu", &call.entry, &call.number, &call.args[0],
               &call.args[1], &call.args[2], &call.args[3], &call.args[4], &call.args[5]) == 8)
    board->calls[board->count++] = call;
  while (board->next < board->count) supervise(board);
  for (int i = 0; i < board->count; i++) print(board->results[i]);
  return 0;
}
