// Runs as a container's first process and prints, as one JSON object, everything the kernel will
// say about how that process was set up. Static, and needs nothing of the root filesystem; what
// comes from /proc is null when /proc is not mounted.
//
//   probe [--out FD] [--read FILE] [--stat FILE] [--write FILE] [--list DIR] [--call NR]...
//         [--wait FD] [--exit N]
//
// --read the text of a file; --stat its kind, mode, owner and link target; --write whether it
// opens for writing; --list the names in a directory; --call the errno of a system call without
// arguments; --wait: afterwards read from FD until end of file; --exit: the exit status.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "probe_json.h"

static char buffer[1 << 20];

static const char* contents(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return NULL;
  size_t used = 0;
  ssize_t got;
  while ((got = read(fd, buffer + used, sizeof buffer - 1 - used)) > 0) used += (size_t)got;
  close(fd);
  buffer[used] = 0;
  return got < 0 ? NULL : buffer;
}

static const char* link_target(const char* path) {
  const ssize_t n = readlink(path, buffer, sizeof buffer - 1);
  if (n < 0) return NULL;
  buffer[n] = 0;
  return buffer;
}

static void namespaces(void) {
  static const char* const kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
  key("namespaces");
  open_with('{');
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", kinds[i]);
    string(kinds[i], link_target(path));
  }
  close_with('}');
}

static void ids(void) {
  uid_t r, e, s;
  gid_t rg, eg, sg, groups[256];
  getresuid(&r, &e, &s);
  getresgid(&rg, &eg, &sg);
  key("uids"), open_with('['), item(r), item(e), item(s), close_with(']');
  key("gids"), open_with('['), item(rg), item(eg), item(sg), close_with(']');
  const int n = getgroups(256, groups);
  key("groups"), open_with('[');
  for (int i = 0; i < n; i++) item(groups[i]);
  close_with(']');
}

static void capability_set(const char* name, uint32_t low, uint32_t high) {
  key(name);
  open_with('[');
  for (int cap = 0; cap < 64; cap++)
    if (((cap < 32 ? low >> cap : high >> (cap - 32)) & 1) != 0) item(cap);
  close_with(']');
}

static void capabilities(void) {
  struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[2];
  memset(data, 0, sizeof data);
  syscall(SYS_capget, &head, data);
  uint32_t bounding[2] = {0, 0}, ambient[2] = {0, 0};
  for (int cap = 0; cap < 64; cap++) {
    if (prctl(PR_CAPBSET_READ, cap) == 1) bounding[cap / 32] |= 1u << (cap % 32);
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, cap, 0, 0) == 1)
      ambient[cap / 32] |= 1u << (cap % 32);
  }
  key("capabilities");
  open_with('{');
  capability_set("effective", data[0].effective, data[1].effective);
  capability_set("permitted", data[0].permitted, data[1].permitted);
  capability_set("inheritable", data[0].inheritable, data[1].inheritable);
  capability_set("bounding", bounding[0], bounding[1]);
  capability_set("ambient", ambient[0], ambient[1]);
  close_with('}');
}

static void rlimits(void) {
  static const char* const names[] = {
      "CPU",     "FSIZE", "DATA",  "STACK",      "CORE",     "RSS",  "NPROC",  "NOFILE",
      "MEMLOCK", "AS",    "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"};
  key("rlimits");
  open_with('{');
  for (int i = 0; i < 16; i++) {
    struct rlimit limit;
    getrlimit((__rlimit_resource_t)i, &limit);
    key(names[i]);
    open_with('[');
    item(limit.rlim_cur == RLIM_INFINITY ? -1 : (long long)limit.rlim_cur);
    item(limit.rlim_max == RLIM_INFINITY ? -1 : (long long)limit.rlim_max);
    close_with(']');
  }
  close_with('}');
}

static void open_files(int own) {
  key("fds");
  open_with('{');
  for (int fd = 0; fd < 4096; fd++) {
    const int flags = fcntl(fd, F_GETFD);
    if (flags < 0 || (fd == own && fd > 2)) continue;
    char path[64], name[16];
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    snprintf(name, sizeof name, "%d", fd);
    string(name, link_target(path));
  }
  close_with('}');
}

static void terminal(void) {
  struct winsize size;
  const bool tty = ioctl(0, TIOCGWINSZ, &size) == 0;
  struct stat st;
  number("tty", tty);
  number("rows", tty ? size.ws_row : 0);
  number("columns", tty ? size.ws_col : 0);
  number("tty_device", tty && fstat(0, &st) == 0 ? (long long)st.st_rdev : 0);
  const int controlling = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
  number("controlling_tty", controlling >= 0);
  if (controlling >= 0) close(controlling);
  number("foreground_pgid", tty ? tcgetpgrp(0) : -1);
}

static void keyring(void) {
  const long id = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_SESSION_KEYRING, 0);
  char description[512] = "";
  const long n = syscall(SYS_keyctl, KEYCTL_DESCRIBE, id, description, sizeof description - 1);
  number("session_keyring", id);
  string("session_keyring_is", n > 0 ? description : NULL);
}

static void process(char** argv, char** environment) {
  struct utsname host;
  uname(&host);
  const mode_t mask = umask(0);
  umask(mask);
  struct timespec uptime;
  clock_gettime(CLOCK_BOOTTIME, &uptime);
  char* const cwd = getcwd(buffer, sizeof buffer);
  string("cwd", cwd);
  strings("argv", argv);
  strings("env", environment);
  number("pid", getpid()), number("ppid", getppid());
  number("sid", getsid(0)), number("pgid", getpgrp());
  number("umask", mask);
  number("no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  number("securebits", prctl(PR_GET_SECUREBITS));
  number("dumpable", prctl(PR_GET_DUMPABLE));
  number("personality", personality(0xffffffff));
  number("scheduler", sched_getscheduler(0));
  number("nice", getpriority(PRIO_PROCESS, 0));
  number("boottime", uptime.tv_sec);
  string("hostname", host.nodename);
  string("domainname", host.domainname);
  int death_signal = 0;
  prctl(PR_GET_PDEATHSIG, &death_signal);
  number("death_signal", death_signal);
}

static void memory_policy(void) {
  unsigned long nodes[16] = {0};
  int mode = -1;
  syscall(SYS_get_mempolicy, &mode, nodes, 8 * sizeof nodes, 0, 0);
  number("memory_policy", mode);
  key("memory_nodes");
  open_with('[');
  for (int i = 0; i < (int)(8 * sizeof nodes); i++)
    if (nodes[i / 64] >> i % 64 & 1) item(i);
  close_with(']');
}

static void from_proc(void) {
  static const char* const files[] = {"mountinfo", "cgroup",  "oom_score_adj", "status",
                                      "uid_map",   "gid_map", "setgroups"};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/%s", files[i]);
    string(files[i], contents(path));
  }
}

static void describe_file(const char* path) {
  struct stat st;
  key(path);
  open_with('{');
  if (lstat(path, &st) != 0) {
    string("error", strerrorname_np(errno));
  } else {
    static const char* const kinds[16] = {
        [1] = "fifo", [2] = "char",  [4] = "dir",    [6] = "block",
        [8] = "file", [10] = "link", [12] = "socket"};
    struct statfs fs;
    memset(&fs, 0, sizeof fs);
    statfs(path, &fs);
    string("kind", kinds[st.st_mode >> 12]);
    number("mode", st.st_mode & 07777);
    number("uid", st.st_uid), number("gid", st.st_gid);
    number("major", major(st.st_rdev)), number("minor", minor(st.st_rdev));
    number("size", st.st_size), number("device", (long long)st.st_dev);
    number("filesystem", (long long)fs.f_type);
    string("target", link_target(path));
  }
  close_with('}');
}

static void open_for_writing(const char* path) {
  struct stat st;
  const bool dir = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
  const int fd = open(path, dir ? O_RDWR | O_TMPFILE : O_WRONLY | O_NONBLOCK | O_CLOEXEC, 0600);
  string(path, fd < 0 ? strerrorname_np(errno) : "ok");
  if (fd >= 0) close(fd);
}

static void list_directory(const char* path) {
  key(path);
  DIR* dir = opendir(path);
  if (dir == NULL) {
    text(NULL);
    return;
  }
  open_with('[');
  for (struct dirent* entry; (entry = readdir(dir)) != NULL;) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    separate();
    text(entry->d_name);
  }
  close_with(']');
  closedir(dir);
}

static void system_call(const char* name) {
  errno = 0;
  const long result = syscall(atol(name), 0, 0, 0, 0, 0, 0);
  string(name, result < 0 ? strerrorname_np(errno) : "ok");
}

static void read_file(const char* path) {
  string(path, contents(path));
}

static void asked_for(const char* section, const char* option, char** argv,
                      void (*answer)(const char*)) {
  key(section);
  open_with('{');
  for (char** arg = argv + 1; *arg && arg[1]; arg++)
    if (strcmp(*arg, option) == 0) answer(arg[1]);
  close_with('}');
}

static int option_number(char** argv, const char* option, int otherwise) {
  for (char** arg = argv + 1; *arg && arg[1]; arg++)
    if (strcmp(*arg, option) == 0) return atoi(arg[1]);
  return otherwise;
}

int main(int argc, char** argv, char** environment) {
  (void)argc;
  const int own = option_number(argv, "--out", 1);
  // Not stdio's 1: a terminal would rewrite line ends, and closing must not lose the last block.
  out = fdopen(own, "w");
  if (out == NULL) return 99;
  open_with('{');
  open_files(own);
  process(argv, environment);
  namespaces();
  ids();
  capabilities();
  rlimits();
  terminal();
  keyring();
  memory_policy();
  from_proc();
  asked_for("read", "--read", argv, read_file);
  asked_for("stat", "--stat", argv, describe_file);
  asked_for("write", "--write", argv, open_for_writing);
  asked_for("list", "--list", argv, list_directory);
  asked_for("call", "--call", argv, system_call);
  // The filter may forbid prctl; ask last, and let /proc/self/status be the other witness.
  number("seccomp", prctl(PR_GET_SECCOMP));
  close_with('}');
  fputc('\n', out);
  fflush(out);
  const int wait = option_number(argv, "--wait", -1);
  while (wait >= 0 && read(wait, buffer, sizeof buffer) > 0) {
  }
  return option_number(argv, "--exit", 0);
}
