// The floor: what `run` of the default bundle costs when nothing but the kernel is asked.
//
//   floor [OPTIONS] ROOTFS CGROUP PROGRAM [ARGUMENT...]
//
// Makes the cgroup CGROUP, starts PROGRAM as pid 1 of six new namespaces on a read-only ROOTFS with
// the mounts, devices, masked and read-only paths of the default specification, waits for it,
// removes the cgroup and exits with PROGRAM's status. There is no configuration to read, no
// state to keep and no memory to allocate: every system call below is one that the result needs.
// ROOTFS must already hold the directories dev, proc and sys.
//
//   --cgroup2 PATH  bind the cgroup2 directory PATH instead of mounting cgroup2 anew
//   --no-net        stay in the caller's network namespace
//   --fork          copy the address space instead of borrowing the suspended parent's
//   --credentials   also drop capabilities, set no_new_privs and the limit on open files
//   --phases        print what each phase took, in microseconds, on standard error
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct {
  const char* rootfs;
  const char* cgroup;
  const char* bound_cgroup2;
  char* const* program;
  bool no_net, copied, credentials, phases;
} options;

// ---- phases ----------------------------------------------------------------------------------

struct phases {
  int count;
  const char* names[32];
  struct timespec ends[32];
};
static struct phases* phases;  // shared with the child; null unless asked for

static void phase_done(const char* name) {
  if (!phases) return;
  phases->names[phases->count] = name;
  clock_gettime(CLOCK_MONOTONIC, &phases->ends[phases->count++]);
}

static void print_phases(void) {
  for (int i = 1; i < phases->count; ++i) {
    const struct timespec *from = &phases->ends[i - 1], *to = &phases->ends[i];
    const long nanoseconds = (to->tv_sec - from->tv_sec) * 1000000000 + to->tv_nsec - from->tv_nsec;
    dprintf(STDERR_FILENO, "%s %ld.%ld\n", phases->names[i], nanoseconds / 1000,
            nanoseconds / 100 % 10);
  }
}

// ---- errors ----------------------------------------------------------------------------------

static _Noreturn void die(const char* what) {
  dprintf(STDERR_FILENO, "floor: %s: errno %d\n", what, errno);
  _exit(125);
}

static int checked(long result, const char* what) {
  if (result < 0) die(what);
  return (int)result;
}

// ---- the child -------------------------------------------------------------------------------

static void change_root(void) {
  // Nothing mounted here may reach the host; pivot_root refuses shared parents besides.
  checked(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "make / private");
  phase_done("private");

  const int tree = checked(
      open_tree(AT_FDCWD, options.rootfs, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
      "open_tree");
  struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
  checked(mount_setattr(tree, "", AT_EMPTY_PATH, &read_only, sizeof read_only), "mount_setattr");
  checked(move_mount(tree, "", AT_FDCWD, options.rootfs, MOVE_MOUNT_F_EMPTY_PATH), "move_mount");
  phase_done("rootfs");

  // The old root ends up mounted over the new one, and is taken off from there.
  checked(fchdir(tree), "fchdir");
  checked(syscall(SYS_pivot_root, ".", "."), "pivot_root");
  phase_done("pivot");
  checked(umount2(".", MNT_DETACH), "detach the old root");
  phase_done("detach");
}

static void make_devices(void) {
  static const struct {
    const char* path;
    unsigned major, minor;
  } nodes[] = {{"/dev/null", 1, 3},   {"/dev/zero", 1, 5},    {"/dev/full", 1, 7},
               {"/dev/random", 1, 8}, {"/dev/urandom", 1, 9}, {"/dev/tty", 5, 0}};
  static const char* const links[][2] = {{"/proc/self/fd", "/dev/fd"},
                                         {"/proc/self/fd/0", "/dev/stdin"},
                                         {"/proc/self/fd/1", "/dev/stdout"},
                                         {"/proc/self/fd/2", "/dev/stderr"},
                                         {"pts/ptmx", "/dev/ptmx"}};
  static const char* const directories[] = {"/dev/pts", "/dev/shm", "/dev/mqueue"};

  checked(mount("tmpfs", "/dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"),
          "/dev");
  phase_done("dev");
  const mode_t mask = umask(0);
  for (size_t i = 0; i < sizeof nodes / sizeof *nodes; ++i)
    checked(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)),
            nodes[i].path);
  umask(mask);
  for (size_t i = 0; i < sizeof links / sizeof *links; ++i)
    checked(symlink(links[i][0], links[i][1]), links[i][1]);
  for (size_t i = 0; i < sizeof directories / sizeof *directories; ++i)
    checked(mkdir(directories[i], 0755), directories[i]);
  phase_done("nodes");
}

static void mount_cgroup2(int bound) {
  const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RELATIME;
  if (bound < 0) {
    checked(mount("cgroup", "/sys/fs/cgroup", "cgroup2", flags, NULL), "/sys/fs/cgroup");
  } else {
    struct mount_attr attributes = {.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
                                                MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC};
    checked(mount_setattr(bound, "", AT_EMPTY_PATH, &attributes, sizeof attributes),
            "mount_setattr of cgroup2");
    checked(move_mount(bound, "", AT_FDCWD, "/sys/fs/cgroup", MOVE_MOUNT_F_EMPTY_PATH),
            "/sys/fs/cgroup");
  }
  phase_done("cgroup2");
}

static void mount_filesystems(int bound_cgroup2) {
  const unsigned long confined = MS_NOSUID | MS_NODEV | MS_NOEXEC;
  checked(mount("proc", "/proc", "proc", 0, NULL), "/proc");
  phase_done("proc");
  make_devices();
  checked(mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
                "newinstance,ptmxmode=0666,mode=0620,gid=5"),
          "/dev/pts");
  phase_done("devpts");
  checked(mount("shm", "/dev/shm", "tmpfs", confined, "mode=1777,size=65536k"), "/dev/shm");
  phase_done("shm");
  checked(mount("mqueue", "/dev/mqueue", "mqueue", confined, NULL), "/dev/mqueue");
  phase_done("mqueue");
  checked(mount("sysfs", "/sys", "sysfs", confined | MS_RDONLY, NULL), "/sys");
  phase_done("sysfs");
  mount_cgroup2(bound_cgroup2);
}

// Files are hidden by /dev/null, directories by one empty read-only tmpfs that is bound again for
// each further directory. What the host does not have needs no mask. Asking for the kind first is
// cheaper than a bind that fails: a clone that cannot be attached costs an RCU grace period.
static void mask_paths(void) {
  static const char* const paths[] = {"/proc/acpi",          "/proc/asound",
                                      "/proc/kcore",         "/proc/keys",
                                      "/proc/scsi",          "/proc/timer_list",
                                      "/proc/timer_stats",   "/proc/sched_debug",
                                      "/proc/latency_stats", "/sys/firmware",
                                      "/sys/devices/virtual/powercap"};
  const char* empty = NULL;
  for (size_t i = 0; i < sizeof paths / sizeof *paths; ++i) {
    struct stat found;
    if (lstat(paths[i], &found) < 0) {
      if (errno != ENOENT) die(paths[i]);
    } else if (!S_ISDIR(found.st_mode)) {
      checked(mount("/dev/null", paths[i], NULL, MS_BIND, NULL), paths[i]);
    } else if (empty) {
      checked(mount(empty, paths[i], NULL, MS_BIND, NULL), paths[i]);
    } else {
      checked(mount("tmpfs", paths[i], "tmpfs", MS_RDONLY, NULL), paths[i]);
      empty = paths[i];
    }
  }
  phase_done("masks");
}

// A bind inherits the attributes of its source: with /proc read-only for the moment, each path
// takes one call instead of a bind and a change of attributes.
static void protect_paths(void) {
  static const char* const paths[] = {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                      "/proc/sysrq-trigger"};
  struct mount_attr read_only = {.attr_set = MOUNT_ATTR_RDONLY};
  struct mount_attr writable = {.attr_clr = MOUNT_ATTR_RDONLY};
  checked(mount_setattr(AT_FDCWD, "/proc", 0, &read_only, sizeof read_only), "/proc");
  for (size_t i = 0; i < sizeof paths / sizeof *paths; ++i)
    if (mount(paths[i], paths[i], NULL, MS_BIND, NULL) < 0 && errno != ENOENT) die(paths[i]);
  checked(mount_setattr(AT_FDCWD, "/proc", 0, &writable, sizeof writable), "/proc");
  phase_done("readonly");
}

static void drop_credentials(void) {
  const uint32_t kept = 1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE;
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  const struct __user_cap_data_struct sets[2] = {{.effective = kept, .permitted = kept}};
  const struct rlimit files = {1024, 1024};

  checked(setrlimit(RLIMIT_NOFILE, &files), "setrlimit");
  for (int capability = 0; capability < 64; ++capability) {
    if (capability < 32 && kept >> capability & 1) continue;
    if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) break;  // EINVAL: beyond the last one
  }
  checked(syscall(SYS_setgroups, 0, NULL), "setgroups");
  checked(syscall(SYS_setresgid, 0, 0, 0), "setresgid");
  checked(syscall(SYS_setresuid, 0, 0, 0), "setresuid");
  checked(syscall(SYS_capset, &header, sets), "capset");
  checked(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
  phase_done("credentials");
}

static int bound_cgroup2 = -1;

static _Noreturn void child(void) {
  static char* const environment[] = {
      "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
  phase_done("clone");
  change_root();
  // From here on no path of the host can be named.

  mount_filesystems(bound_cgroup2);
  mask_paths();
  protect_paths();
  checked(sethostname("bench", 5), "sethostname");
  if (options.credentials) drop_credentials();
  phase_done("hostname");
  execve(options.program[0], options.program, environment);
  die("execve");
}

// ---- the parent ------------------------------------------------------------------------------

// With CLONE_VFORK | CLONE_VM no page table is copied: the child runs on a stack of its own in
// the parent's memory, and the parent sleeps until the child has executed the program.
static pid_t clone_child(int cgroup) {
  static char stack[16384] __attribute__((aligned(16)));
  struct clone_args args = {
      .flags = CLONE_INTO_CGROUP | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC |
               CLONE_NEWCGROUP,
      .exit_signal = SIGCHLD,
      .cgroup = (uint64_t)cgroup,
  };
  if (!options.no_net) args.flags |= CLONE_NEWNET;
#ifdef __x86_64__
  if (!options.copied) {
    args.flags |= CLONE_VFORK | CLONE_VM;
    args.stack = (uintptr_t)stack;
    args.stack_size = sizeof stack;
  }
  long result = SYS_clone3;
  __asm__ volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "and $-16, %%rsp\n\t"
      "call *%[child]\n"
      "1:"
      : "+a"(result)
      : "D"(&args), "S"(sizeof args), [child] "r"(&child)
      : "rcx", "r11", "memory");
  if (result < 0) errno = (int)-result;
#else
  (void)stack;
  const long result = syscall(SYS_clone3, &args, sizeof args);
  if (result == 0) child();
#endif
  return checked(result, "clone3");
}

static void parse(int argc, char** argv) {
  static const struct option known[] = {
      {"cgroup2", required_argument, NULL, 'b'}, {"no-net", no_argument, NULL, 'n'},
      {"fork", no_argument, NULL, 'f'},          {"credentials", no_argument, NULL, 'c'},
      {"phases", no_argument, NULL, 'p'},        {NULL, 0, NULL, 0}};
  for (int c; (c = getopt_long(argc, argv, "+", known, NULL)) != -1;) {
    if (c == 'b') options.bound_cgroup2 = optarg;
    if (c == 'n') options.no_net = true;
    if (c == 'f') options.copied = true;
    if (c == 'c') options.credentials = true;
    if (c == 'p') options.phases = true;
    if (c == '?') _exit(125);
  }
  if (argc - optind < 3) {
    dprintf(STDERR_FILENO, "usage: floor [OPTIONS] ROOTFS CGROUP PROGRAM [ARGUMENT...]\n");
    _exit(125);
  }
  options.rootfs = argv[optind];
  options.cgroup = argv[optind + 1];
  options.program = &argv[optind + 2];
}

int main(int argc, char** argv) {
  parse(argc, argv);
  if (options.phases) {
    phases = mmap(NULL, sizeof *phases, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (phases == MAP_FAILED) die("mmap");
    phase_done("begin");
    phase_done("clock");  // the cost of one reading, which is part of every phase below
  }
  checked(mkdir(options.cgroup, 0755), options.cgroup);
  const int cgroup = checked(open(options.cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC), "open");
  if (options.bound_cgroup2)
    bound_cgroup2 =
        checked(open_tree(AT_FDCWD, options.bound_cgroup2, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC),
                "open_tree of cgroup2");
  phase_done("cgroup");

  const pid_t pid = clone_child(cgroup);
  int status;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) die("wait");
  phase_done("payload");
  checked(rmdir(options.cgroup), "rmdir");
  phase_done("rmdir");

  if (options.phases) print_phases();
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
