// Runs the contenders of a benchmark in rotating order and prints what each sample took.
//
//   driver [--rounds N] [--warm-up N] [--pause MS] [--mounts N] [--ordinary] --cgroup DIR JOBS
//
// JOBS is a file of lines, fields separated by tabs:
//   job    NAME              begins a contender
//   before PROGRAM ARGUMENT… executed once, before the first sample; in front of the steps
//   run    PROGRAM ARGUMENT…  a step: executed, awaited, has to exit with 0
//   reap   FILE              a step: the process whose number FILE holds is awaited, as the
//                            monitor of an engine does
// Each sample is one line on standard output: NAME, the microseconds of all steps together, the
// largest resident set in KiB, the microseconds of each step. A contender that does not succeed is
// reported as `failed NAME` with its own words on standard error, and left out from then on.
//
// A sample is the wall clock from before the first vfork to after the last wait, because that is
// what a caller of the runtime pays. DIR is a cgroup2 directory for the containers: it is emptied
// and removed at both ends. A device program stays attached in it meanwhile: the first one on a
// host flips a static key, which takes milliseconds that no host with systemd ever sees.
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { kMaxJobs = 32, kMaxSteps = 8, kMaxArguments = 64 };

struct step {
  const char* kind;
  char* arguments[kMaxArguments];
};

struct job {
  const char* name;
  bool failed;
  int before_count;  // of the steps
  int steps_count;
  struct step steps[kMaxSteps];
};

static struct job jobs[kMaxJobs];
static int jobs_count;
static volatile sig_atomic_t interrupted;

// ---- jobs ------------------------------------------------------------------------------------

static void parse_line(char* line) {
  char* word = strtok(line, "\t");
  if (!word) return;
  if (strcmp(word, "job") == 0) {
    if (jobs_count == kMaxJobs) errx(2, "more than %d jobs", kMaxJobs);
    jobs[jobs_count++].name = strtok(NULL, "\t");
    return;
  }
  if (jobs_count == 0) errx(2, "a step before the first job: %s", word);
  struct job* job = &jobs[jobs_count - 1];
  if (job->steps_count == kMaxSteps) errx(2, "%s: more than %d steps", job->name, kMaxSteps);
  struct step* step = &job->steps[job->steps_count++];
  step->kind = word;
  if (strcmp(word, "before") == 0) job->before_count = job->steps_count;
  for (int i = 0; (step->arguments[i] = strtok(NULL, "\t")) != NULL; ++i)
    if (i == kMaxArguments - 2) errx(2, "%s: too many arguments", job->name);
}

static void parse_jobs(const char* path) {
  FILE* file = fopen(path, "re");
  if (!file) err(2, "%s", path);
  char* line = NULL;
  size_t capacity = 0;
  for (ssize_t size; (size = getline(&line, &capacity, file)) > 0;) {
    if (line[size - 1] == '\n') line[size - 1] = '\0';
    char* kept = strdup(line);  // the steps point into it
    if (!kept) err(2, "strdup");
    parse_line(kept);
  }
  free(line);
  fclose(file);
}

// ---- the cgroup ------------------------------------------------------------------------------

static void write_file(const char* directory, const char* name, const char* text) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", directory, name);
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  if (write(fd, text, strlen(text)) < 0) warn("%s", path);
  close(fd);
}

static void remove_cgroup(const char* cgroup) {
  char command[4096];
  if (access(cgroup, F_OK) < 0) return;
  write_file(cgroup, "cgroup.kill", "1");
  // The killed leave the cgroup a moment later; a tree is removed from its leaves.
  snprintf(command, sizeof command, "find '%s' -depth -type d -exec rmdir {} + 2>/dev/null",
           cgroup);
  for (int i = 0; i < 100 && access(cgroup, F_OK) == 0; ++i) {
    if (i > 0) usleep(20000);
    if (system(command) < 0) warn("%s", command);
  }
  if (access(cgroup, F_OK) == 0) warnx("%s: not empty after two seconds", cgroup);
}

static void attach_device_program(const char* cgroup) {
  const struct bpf_insn allow[] = {
      {.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0, .imm = 1},
      {.code = BPF_JMP | BPF_EXIT},
  };
  union bpf_attr load = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
                         .insn_cnt = sizeof allow / sizeof *allow,
                         .insns = (__u64)allow,
                         .license = (__u64) "Apache-2.0"};
  const int program = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof load);
  const int directory = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  union bpf_attr attach = {.target_fd = (__u32)directory,
                           .attach_bpf_fd = (__u32)program,
                           .attach_type = BPF_CGROUP_DEVICE};
  if (program < 0 || syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof attach) < 0)
    warn("no device program stays attached");
}

static void make_cgroup(const char* cgroup) {
  char kept[4096];
  if (mkdir(cgroup, 0755) < 0) err(2, "%s", cgroup);
  // A child of its own keeps the directory from being removed along with the last container.
  snprintf(kept, sizeof kept, "%s/kept", cgroup);
  if (mkdir(kept, 0755) < 0) err(2, "%s", kept);
  attach_device_program(kept);
}

// ---- samples ---------------------------------------------------------------------------------

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static bool await(pid_t pid, long* resident) {
  int status;
  struct rusage usage;
  while (wait4(pid, &status, 0, &usage) < 0)
    if (errno != EINTR) return false;
  if (usage.ru_maxrss > *resident) *resident = usage.ru_maxrss;
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool run(char* const* arguments, long* resident) {
  static char* const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL};
  const pid_t pid = vfork();
  if (pid == 0) {
    execve(arguments[0], arguments, environment);
    _exit(127);
  }
  return pid > 0 && await(pid, resident);
}

static bool reap(const char* path) {
  char text[32] = "";
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool filled = read(fd, text, sizeof text - 1) > 0;
  close(fd);
  long unused = 0;
  return filled && await(atoi(text), &unused);
}

static bool take_sample(const struct job* job, bool printed, FILE* out) {
  const int first = job->before_count;
  double ends[kMaxSteps + 1];
  long resident = 0;
  ends[first] = now();
  for (int i = first; i < job->steps_count; ++i) {
    const struct step* step = &job->steps[i];
    const bool passed = strcmp(step->kind, "reap") == 0 ? reap(step->arguments[0])
                                                        : run(step->arguments, &resident);
    if (!passed) return false;
    ends[i + 1] = now();
  }
  if (!printed) return true;
  fprintf(out, "%s\t%.1f\t%ld", job->name, ends[job->steps_count] - ends[first], resident);
  for (int i = first; i < job->steps_count; ++i) fprintf(out, "\t%.1f", ends[i + 1] - ends[i]);
  fputc('\n', out);
  return true;
}

static bool prepare(const struct job* job) {
  long unused = 0;
  for (int i = 0; i < job->before_count; ++i)
    if (!run(job->steps[i].arguments, &unused)) return false;
  return true;
}

// What the contenders write to standard error is kept, and shown if one of them does not succeed.
static void report_failure(struct job* job, int said, int shown) {
  char text[2048];
  const ssize_t size = pread(said, text, sizeof text, 0);
  dprintf(shown, "failed %s\n%.*s\n", job->name, size > 0 ? (int)size : 0, text);
  job->failed = true;
}

static void take_samples(int rounds, int warm_up, int pause_ms, FILE* out) {
  const int shown = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
  const int said = memfd_create("said", MFD_CLOEXEC);
  const int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
  if (shown < 0 || said < 0 || nothing < 0) err(2, "open");
  dup2(nothing, STDIN_FILENO);
  dup2(nothing, STDOUT_FILENO);
  dup2(said, STDERR_FILENO);

  for (int round = 0; round < warm_up + rounds; ++round)
    for (int i = 0; i < jobs_count; ++i) {
      struct job* job = &jobs[(round + i) % jobs_count];
      if (job->failed || interrupted) continue;
      if (ftruncate(said, 0) < 0 || lseek(said, 0, SEEK_SET) < 0) err(2, "memfd");
      usleep((useconds_t)pause_ms * 1000);
      const bool ready = round > 0 || prepare(job);
      if (!ready || !take_sample(job, round >= warm_up, out)) report_failure(job, said, shown);
    }
  dup2(shown, STDERR_FILENO);
}

// ---- the surroundings ------------------------------------------------------------------------

// A host that runs thousands of containers has thousands of mounts, and a new mount namespace
// begins as a copy of them all. These vanish with the mount namespace that the driver runs in.
static void add_mounts(int count) {
  char path[64];
  if (count == 0) return;
  if (mkdir("/run/mounts", 0755) < 0) err(2, "/run/mounts");
  for (int i = 0; i < count; ++i) {
    snprintf(path, sizeof path, "/run/mounts/%d", i);
    if (mkdir(path, 0755) < 0 || mount("tmpfs", path, "tmpfs", 0, "size=4k") < 0)
      err(2, "%s", path);
  }
}

// What a build on the same machine does must not decide between the contenders: at an ordinary
// priority each hand-over between two processes may wait for a whole slice of the build. Niceness
// does not help where the kernel schedules by automatic groups.
static void raise_priority(void) {
  const struct sched_param lowest = {.sched_priority = 1};
  if (sched_setscheduler(0, SCHED_RR, &lowest) < 0) warn("at an ordinary priority");
}

static void interrupt(int number) {
  (void)number;
  interrupted = 1;
}

int main(int argc, char** argv) {
  static const struct option known[] = {{"rounds", required_argument, NULL, 'r'},
                                        {"warm-up", required_argument, NULL, 'w'},
                                        {"pause", required_argument, NULL, 'p'},
                                        {"mounts", required_argument, NULL, 'm'},
                                        {"cgroup", required_argument, NULL, 'c'},
                                        {"ordinary", no_argument, NULL, 'o'},
                                        {NULL, 0, NULL, 0}};
  int rounds = 60, warm_up = 3, pause_ms = 10, mounts = 0;
  bool ordinary = false;
  const char* cgroup = NULL;
  for (int c; (c = getopt_long(argc, argv, "", known, NULL)) != -1;) {
    if (c == 'r') rounds = atoi(optarg);
    if (c == 'w') warm_up = atoi(optarg);
    if (c == 'p') pause_ms = atoi(optarg);
    if (c == 'm') mounts = atoi(optarg);
    if (c == 'c') cgroup = optarg;
    if (c == 'o') ordinary = true;
    if (c == '?') return 2;
  }
  if (!cgroup || argc != optind + 1) errx(2, "usage: driver [OPTIONS] --cgroup DIR JOBS");
  parse_jobs(argv[optind]);

  const struct sigaction action = {.sa_handler = interrupt};
  sigaction(SIGINT, &action, NULL);
  sigaction(SIGTERM, &action, NULL);
  if (!ordinary) raise_priority();
  // `create` leaves the container's process behind: it becomes a child of ours, for `reap`.
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  FILE* out = fdopen(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3), "w");
  if (!out) err(2, "fdopen");

  add_mounts(mounts);
  remove_cgroup(cgroup);
  make_cgroup(cgroup);
  take_samples(rounds, warm_up, pause_ms, out);
  remove_cgroup(cgroup);
  return fclose(out) == 0 && !interrupted ? 0 : 1;
}
