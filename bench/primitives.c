// What single steps of starting a container cost on this host: the figures to design by.
//
//   primitives [ROUNDS]
//
// Every step is measured once in each round, so that all of them see the same disturbances. Needs
// root; works in a mount namespace of its own. Reads the programs empty-* beside itself.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kMaxRounds = 5000 };

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static long checked(long result, const char* what) {
  if (result < 0) err(1, "%s", what);
  return result;
}

static void await(pid_t pid) {
  int status;
  checked(waitpid(pid, &status, 0), "waitpid");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) errx(1, "a child ended with %#x", status);
}

// ---- starting a program ----------------------------------------------------------------------

static char folder[4096];

static double start(const char* name, const char* argument) {
  char path[4200];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  char* const arguments[] = {path, (char*)argument, NULL};
  const double begin = now();
  const pid_t pid = vfork();
  if (pid == 0) {
    execve(path, arguments, environ);
    _exit(127);
  }
  await(pid);
  return now() - begin;
}

static double start_bare(void) {
  return start("empty-bare", NULL);
}
static double start_static(void) {
  return start("empty-static", NULL);
}
static double start_static_pie(void) {
  return start("empty-static-pie", NULL);
}
static double start_dynamic(void) {
  return start("empty-dynamic", NULL);
}
static double start_self(void) {
  return start("primitives", "again-not");
}
static double again_directly(void) {
  return start("primitives", "again-directly");
}
static double again_clone(void) {
  return start("primitives", "again-clone");
}
static double again_trampoline(void) {
  return start("primitives", "again-trampoline");
}
static double again_memfd(void) {
  return start("primitives", "again-memfd");
}

// The second execution protects the binary against being overwritten from inside the container
// (CVE-2019-5736): what is executed is read-only, or a copy, or a few instructions that only go on
// to execute the container's program.
static _Noreturn void execute_again(const char* how) {
  static char* const arguments[] = {"primitives", "again-not", NULL};
  const char* copied = "/proc/self/exe";
  int binary;
  if (strcmp(how, "again-trampoline") == 0) copied = strcat(folder, "/empty-bare");
  if (strcmp(how, "again-directly") == 0) {
    binary = open("/proc/self/exe", O_PATH | O_CLOEXEC);
  } else if (strcmp(how, "again-clone") == 0) {
    struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
    binary = open_tree(AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    checked(mount_setattr(binary, "", AT_EMPTY_PATH, &read_only, sizeof read_only), "setattr");
  } else {
    struct stat size;
    const int self = open(copied, O_RDONLY | O_CLOEXEC);
    binary = memfd_create("self", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    checked(fstat(self, &size), "fstat");
    checked(sendfile(binary, self, NULL, (size_t)size.st_size), "sendfile");
    checked(fcntl(binary, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
            "seals");
  }
  execveat(binary, "", arguments, environ, AT_EMPTY_PATH);
  err(1, "execveat");
}

// ---- clone -----------------------------------------------------------------------------------

static pid_t clone_with(uint64_t flags) {
  struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
  return (pid_t)checked(syscall(SYS_clone3, &args, sizeof args), "clone3");
}

// From before the clone to after the wait for a child that exits at once.
static double life(uint64_t flags) {
  const double begin = now();
  const pid_t pid = clone_with(flags);
  if (pid == 0) _exit(0);
  await(pid);
  return now() - begin;
}

static double life_copied(void) {
  return life(0);
}
static double life_vfork(void) {
  const double begin = now();
  const pid_t pid = vfork();
  if (pid == 0) _exit(0);
  await(pid);
  return now() - begin;
}

// As a runtime with two MiB of touched memory pays for it.
static double life_copied_2m(void) {
  const size_t size = 2 << 20;
  char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memset(memory, 1, size);
  const double taken = life(0);
  munmap(memory, size);
  return taken;
}

static double life_pid(void) {
  return life(CLONE_NEWPID);
}
static double life_mount(void) {
  return life(CLONE_NEWNS);
}
static double life_uts(void) {
  return life(CLONE_NEWUTS);
}
static double life_ipc(void) {
  return life(CLONE_NEWIPC);
}
static double life_cgroup(void) {
  return life(CLONE_NEWCGROUP);
}
static double life_net(void) {
  return life(CLONE_NEWNET);
}

static const uint64_t kAllButNet =
    CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP;
static double life_all_but_net(void) {
  return life(kAllButNet);
}
static double life_all(void) {
  return life(kAllButNet | CLONE_NEWNET);
}

// ---- a network namespace, made by another process --------------------------------------------

static double* measured;  // shared with the children

static double unshare_net(void) {
  const pid_t pid = clone_with(0);
  if (pid == 0) {
    const double begin = now();
    checked(unshare(CLONE_NEWNET), "unshare");
    *measured = now() - begin;
    _exit(0);
  }
  await(pid);
  return *measured;
}

static double setns_net(void) {
  const int own = (int)checked(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), "open");
  const pid_t pid = clone_with(0);
  if (pid == 0) {
    checked(unshare(CLONE_NEWNET), "unshare");
    const double begin = now();
    checked(setns(own, CLONE_NEWNET), "setns");
    *measured = now() - begin;
    _exit(0);
  }
  await(pid);
  close(own);
  return *measured;
}

// One child makes the namespace while another, born without it, is busy for half a millisecond as
// with its mounts, and then joins: to be compared with the life of all six, plus those 500.
static double net_beside(void) {
  uint32_t* made = (uint32_t*)(measured + 1);
  *made = 0;
  const double begin = now();
  const pid_t maker = clone_with(0);
  if (maker == 0) {
    checked(unshare(CLONE_NEWNET), "unshare");
    __atomic_store_n(made, 1, __ATOMIC_RELEASE);
    syscall(SYS_futex, made, FUTEX_WAKE, 1, NULL, NULL, 0);
    pause();
  }
  const int pidfd = (int)checked(syscall(SYS_pidfd_open, maker, 0), "pidfd_open");
  const pid_t pid = clone_with(kAllButNet);
  if (pid == 0) {
    const double born = now();
    while (now() - born < 500) continue;
    while (!__atomic_load_n(made, __ATOMIC_ACQUIRE))
      syscall(SYS_futex, made, FUTEX_WAIT, 0, NULL, NULL, 0);
    checked(setns(pidfd, CLONE_NEWNET), "setns");
    _exit(0);
  }
  await(pid);
  const double taken = now() - begin;
  kill(maker, SIGKILL);
  checked(waitpid(maker, NULL, 0), "waitpid");
  close(pidfd);
  return taken;
}

// ---- handing over ----------------------------------------------------------------------------

// A question and its answer over a socket pair: two wake-ups.
static double round_trip(void) {
  int ends[2];
  char byte = 0;
  checked(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), "socketpair");
  const pid_t pid = clone_with(0);
  if (pid == 0) {
    for (int i = 0; i < 2; ++i) {
      checked(read(ends[1], &byte, 1), "read");
      checked(write(ends[1], &byte, 1), "write");
    }
    _exit(0);
  }
  double begin = 0;
  for (int i = 0; i < 2; ++i) {  // the first one waits for the child's birth
    begin = now();
    checked(write(ends[0], &byte, 1), "write");
    checked(read(ends[0], &byte, 1), "read");
  }
  const double taken = now() - begin;
  await(pid);
  close(ends[0]);
  close(ends[1]);
  return taken;
}

// ---- mounts ----------------------------------------------------------------------------------

static const char kPlace[] = "/tmp/primitives.place", kOther[] = "/tmp/primitives.other";

static double detach(const char* path) {
  const double begin = now();
  checked(umount2(path, MNT_DETACH), "umount2");
  return now() - begin;
}

static double mount_tmpfs(void) {
  const double begin = now();
  checked(mount("tmpfs", kPlace, "tmpfs", MS_NOSUID, "mode=755"), "mount");
  const double taken = now() - begin;
  detach(kPlace);
  return taken;
}

static double fsmount_tmpfs(void) {
  const double begin = now();
  const int context = (int)checked(fsopen("tmpfs", FSOPEN_CLOEXEC), "fsopen");
  checked(fsconfig(context, FSCONFIG_SET_STRING, "mode", "755", 0), "fsconfig");
  checked(fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0), "fsconfig");
  const int tree = (int)checked(fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID), "fsmount");
  checked(move_mount(tree, "", AT_FDCWD, kPlace, MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
  close(context);
  close(tree);
  const double taken = now() - begin;
  detach(kPlace);
  return taken;
}

static double unmount_tmpfs(void) {
  checked(mount("tmpfs", kPlace, "tmpfs", 0, NULL), "mount");
  return detach(kPlace);
}

static double bind_mount(void) {
  const double begin = now();
  checked(mount(kOther, kPlace, NULL, MS_BIND, NULL), "bind");
  const double taken = now() - begin;
  detach(kPlace);
  return taken;
}

static double bind_open_tree(void) {
  const double begin = now();
  const int tree =
      (int)checked(open_tree(AT_FDCWD, kOther, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), "open_tree");
  checked(move_mount(tree, "", AT_FDCWD, kPlace, MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
  close(tree);
  const double taken = now() - begin;
  detach(kPlace);
  return taken;
}

// A clone that is dropped again, attached or not, waits for an RCU grace period.
static double drop_open_tree(void) {
  const int tree =
      (int)checked(open_tree(AT_FDCWD, kOther, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC), "open_tree");
  const double begin = now();
  close(tree);
  return now() - begin;
}

static double refused_bind(void) {
  const double begin = now();
  if (mount("/dev/null", kPlace, NULL, MS_BIND, NULL) == 0) errx(1, "a file over a directory");
  return now() - begin;
}

static double read_only(void) {
  struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY};
  checked(mount(kOther, kPlace, NULL, MS_BIND, NULL), "bind");
  const double begin = now();
  checked(mount_setattr(AT_FDCWD, kPlace, 0, &attributes, sizeof attributes), "mount_setattr");
  const double taken = now() - begin;
  detach(kPlace);
  return taken;
}

// ---- small things ----------------------------------------------------------------------------

static double device_program(void) {
  struct bpf_insn code[64];
  for (int i = 0; i < 63; ++i)
    code[i] =
        (struct bpf_insn){.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1};
  code[63] = (struct bpf_insn){.code = BPF_JMP | BPF_EXIT};
  union bpf_attr load = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                         .insn_cnt = 64,
                         .insns = (uintptr_t)code,
                         .license = (uintptr_t)"Apache-2.0"};
  const double begin = now();
  const int program = (int)checked(syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load), "bpf");
  const double taken = now() - begin;
  close(program);
  return taken;
}

static double drop_bounding_set(void) {
  const pid_t pid = clone_with(0);
  if (pid == 0) {
    const double begin = now();
    for (int capability = 0; prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) == 0; ++capability)
      continue;
    *measured = now() - begin;
    _exit(0);
  }
  await(pid);
  return *measured;
}

static double touch_pages(void) {
  const size_t size = 100 * 4096;
  char* memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  const double begin = now();
  for (size_t i = 0; i < size; i += 4096) memory[i] = 1;
  const double taken = now() - begin;
  munmap(memory, size);
  return taken;
}

#ifdef __x86_64__
#include <cpuid.h>
static double ask_processor(void) {
  unsigned a, b, c, d;
  const double begin = now();
  for (int i = 0; i < 43; ++i) __cpuid_count(7, 0, a, b, c, d);
  return now() - begin;
}
#endif

// ---- the table -------------------------------------------------------------------------------

static const struct {
  const char* name;
  double (*sample)(void);
} steps[] = {
    {"start: nothing at all, no libc", start_bare},
    {"start: empty, static", start_static},
    {"start: empty, static-pie", start_static_pie},
    {"start: empty, dynamic", start_dynamic},
    {"start: this program, static-pie", start_self},
    {"start, again directly", again_directly},
    {"start, again by open_tree clone", again_clone},
    {"start, again by memfd", again_memfd},
    {"start, then a bare program in a memfd", again_trampoline},
    {"clone to wait: copied", life_copied},
    {"clone to wait: copied, 2 MiB", life_copied_2m},
    {"clone to wait: VFORK | VM", life_vfork},
    {"clone to wait: pid", life_pid},
    {"clone to wait: mount", life_mount},
    {"clone to wait: uts", life_uts},
    {"clone to wait: ipc", life_ipc},
    {"clone to wait: cgroup", life_cgroup},
    {"clone to wait: network", life_net},
    {"clone to wait: all but network", life_all_but_net},
    {"clone to wait: all", life_all},
    {"unshare network", unshare_net},
    {"setns network", setns_net},
    {"500 us of work, network beside", net_beside},
    {"question and answer by socket", round_trip},
    {"mount tmpfs", mount_tmpfs},
    {"fsopen...move_mount tmpfs", fsmount_tmpfs},
    {"detach a tmpfs", unmount_tmpfs},
    {"bind by mount", bind_mount},
    {"bind by open_tree, move_mount", bind_open_tree},
    {"drop an unattached clone", drop_open_tree},
    {"bind that is refused", refused_bind},
    {"mount_setattr read-only", read_only},
    {"load a device program", device_program},
    {"drop the whole bounding set", drop_bounding_set},
    {"touch 100 pages", touch_pages},
#ifdef __x86_64__
    {"cpuid 43 times, as libc at start", ask_processor},
#endif
};
enum { kSteps = sizeof steps / sizeof *steps };

static double samples[kSteps][kMaxRounds];

static int compare(const void* left, const void* right) {
  const double a = *(const double*)left, b = *(const double*)right;
  return (a > b) - (a < b);
}

static void find_folder(const char* self) {
  snprintf(folder, sizeof folder, "%s", self);
  *strrchr(folder, '/') = '\0';
}

static void prepare(void) {
  const struct sched_param lowest = {.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_RR, &lowest) < 0) warn("at an ordinary priority");
  checked(unshare(CLONE_NEWNS), "unshare");
  checked(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
  checked(mount("tmpfs", "/tmp", "tmpfs", 0, NULL), "/tmp");
  checked(mkdir(kPlace, 0755), kPlace);
  checked(mkdir(kOther, 0755), kOther);
  measured = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (measured == MAP_FAILED) err(1, "mmap");
}

int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "again-not") == 0) return 0;
  if (!strchr(argv[0], '/')) errx(2, "usage: PATH/primitives [ROUNDS]");
  find_folder(argv[0]);
  if (argc > 1 && strncmp(argv[1], "again-", 6) == 0) execute_again(argv[1]);
  const int rounds = argc > 1 ? atoi(argv[1]) : 200;
  if (rounds < 1 || rounds > kMaxRounds) errx(2, "between 1 and %d rounds", kMaxRounds);

  prepare();
  for (int round = 0; round < rounds; ++round)
    for (int i = 0; i < kSteps; ++i) {
      usleep(2000);  // what the last step left for the kernel to clear away
      samples[i][round] = steps[i].sample();
    }
  printf("%-36s%9s%9s%9s   (us, %d rounds)\n", "", "min", "median", "p90", rounds);
  for (int i = 0; i < kSteps; ++i) {
    qsort(samples[i], (size_t)rounds, sizeof samples[i][0], compare);
    printf("%-36s%9.1f%9.1f%9.1f\n", steps[i].name, samples[i][0], samples[i][rounds / 2],
           samples[i][rounds * 9 / 10]);
  }
}
