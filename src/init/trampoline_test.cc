#include "init/trampoline.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/seccomp.h>
#include <unistd.h>

#include "base/wire.h"
#include "linux/seccomp/compile.h"
#include "sys/credentials.h"
#include "sys/pipe.h"
#include "sys/process.h"
#include "sys/temp_directory_test.h"
#include "trampoline/order.h"

namespace brig {
namespace {

struct Outcome {
  std::string output, report;
  int status = -1;
};

// Everything in one place: the trampoline with its pipes, executed in a child for real.
class Trampoline : public testing::Test {
 protected:
  Trampoline() : output_(*sys::open_pipe()), report_(*sys::open_pipe()), wait_(*sys::open_pipe()) {
    task_.report_fd = FdRef(report_.write).raw();
    task_.report_to = ReportTo::Fifo;
  }

  void wait_for_a_byte() { task_.wait_fd = FdRef(wait_.read).raw(); }

  void spawn(const std::string& path, std::vector<std::string> argv,
             const std::vector<std::string>& envp = {}) {
    task_.program = argv.at(0);
    argv.insert(argv.begin(), path);
    Result<Fd> image = make_trampoline(task_);
    ASSERT_TRUE(image) << image.error().message();
    Result<sys::Child> child = sys::fork_with(0);
    ASSERT_TRUE(child) << child.error().message();
    if (child->pid == 0) become(*image, argv, envp);
    child_ = std::move(*child);
    output_.write.close();
    report_.write.close();
    wait_.read.close();
  }
  void spawn_shell(const std::string& script, const std::vector<std::string>& envp = {}) {
    spawn("/bin/sh", {"sh", "-c", script}, envp);
  }

  Outcome finish() {
    Outcome outcome{.output = *sys::read_all(output_.read, 4096),
                    .report = *sys::read_all(report_.read, 4096)};
    if (const auto status = sys::reap(child_.pidfd); status && *status)
      outcome.status = (*status)->shell_code();
    return outcome;
  }

  sys::PipeEnds output_, report_, wait_;
  TrampolineTask task_;
  bool no_new_privs_ = true;

 private:
  [[noreturn]] void become(FdRef image, const std::vector<std::string>& argv,
                           const std::vector<std::string>& envp) const {
    ::dup2(FdRef(output_.write).raw(), 1);
    for (const int fd : {task_.report_fd, task_.wait_fd})
      if (fd >= 0) ::fcntl(fd, F_SETFD, 0);
    if (no_new_privs_) ignore(sys::set_no_new_privs(), "the report will tell");
    ignore(Result<>(std::unexpected(sys::exec_file(image, argv, envp))), "the status tells");
    ::_exit(99);
  }

  sys::Child child_;
};

Failed decoded(const std::string& report) {
  const Result<Failed> failed = wire::decode<Failed>(report);
  EXPECT_TRUE(failed) << "of " << report.size() << " bytes";
  return failed ? *failed : Failed();
}

TEST_F(Trampoline, TheProgramRunsWithItsArgumentsAndEnvironment) {
  spawn("/bin/sh", {"other name", "-c", "printf '%s|' \"$0\" \"$@\" \"$A\"", "x", "", "y z"},
        {"A=b c"});
  const Outcome outcome = finish();
  EXPECT_EQ(outcome.output, "x||y z|b c|");
  EXPECT_EQ(outcome.report, "");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Trampoline, NothingOfItIsLeftInTheProgram) {
  wait_for_a_byte();
  spawn_shell(cat("for fd in ", task_.report_fd, " ", task_.wait_fd,
                  "; do [ -e /proc/self/fd/$fd ] && echo $fd; done; exit 7"));
  ASSERT_TRUE(sys::write_all(wait_.write, "x"));
  const Outcome outcome = finish();
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.status, 7);
}

TEST_F(Trampoline, AMissingProgramIsReportedToTheFifo) {
  spawn("/no/such/program", {"program"});
  const Outcome outcome = finish();
  const Failed failed = decoded(outcome.report);
  EXPECT_EQ(failed.code, Errc::System);
  EXPECT_EQ(failed.err, ENOENT);
  EXPECT_EQ(failed.text, "exec: \"program\"");
  EXPECT_FALSE(failed.by_start_hook);
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Trampoline, OrToTheChannelAsAMessageOfInit) {
  task_.report_to = ReportTo::Channel;
  spawn("/proc/version", {"version"});
  const Result<FromInit> message = wire::decode<FromInit>(finish().report);
  ASSERT_TRUE(message);
  const auto* failed = std::get_if<Failed>(&*message);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->err, EACCES);
}

TEST_F(Trampoline, ALongNameIsCutInTheReport) {
  spawn("/no/such/program", {std::string(100'000, 'x')});
  const Failed failed = decoded(finish().report);
  EXPECT_EQ(failed.err, ENOENT);
  EXPECT_EQ(failed.text, cat("exec: \"", std::string(kLongestReport / 2, 'x'), "\""));
}

// What is made only now is there when the program looks for it.
TEST_F(Trampoline, TheProgramWaitsForItsStart) {
  const TempDirectory temp;
  wait_for_a_byte();
  spawn_shell(cat("[ -e ", temp.path(), "/started ] && echo yes"));
  temp.make_file("started");
  ASSERT_TRUE(sys::write_all(wait_.write, "x"));
  EXPECT_EQ(finish().output, "yes\n");
}

TEST_F(Trampoline, AStartThatNeverComesEndsIt) {
  wait_for_a_byte();
  spawn_shell("echo ran");
  wait_.write.close();
  const Outcome outcome = finish();
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(outcome.report, "");
  EXPECT_EQ(outcome.status, 1);
}

TEST_F(Trampoline, TheFilterIsInForceInTheProgram) {
  const Result<std::string> bpf =
      compile_seccomp({.default_action = SECCOMP_RET_ALLOW,
                       .rules = {{.names = {"kill"}, .action = SECCOMP_RET_ERRNO | EACCES}}});
  ASSERT_TRUE(bpf);
  task_.filter = SeccompProgram{.bpf = *bpf};
  spawn_shell(
      "kill -0 $$ 2>/dev/null || echo filtered; read line </proc/self/status; "
      "grep -E 'NoNewPrivs|Seccomp:' /proc/self/status | tr -d '\\t\\n'",
      {"PATH=/usr/bin:/bin"});
  const Outcome outcome = finish();
  EXPECT_EQ(outcome.output, "filtered\nNoNewPrivs:1Seccomp:2");
  EXPECT_EQ(outcome.status, 0);
}

TEST_F(Trampoline, AFilterThatTheKernelRefusesIsReportedAndNothingRuns) {
  task_.filter = SeccompProgram{.bpf = std::string(8, '\xff')};
  spawn_shell("echo ran");
  const Outcome outcome = finish();
  EXPECT_EQ(outcome.output, "");
  const Failed failed = decoded(outcome.report);
  EXPECT_EQ(failed.err, EINVAL);
  EXPECT_EQ(failed.text, "linux.seccomp: load the filter");
  EXPECT_EQ(outcome.status, 1);
}

// CVE-2019-5736: what a container gets hold of through /proc/self/exe cannot be written to.
TEST_F(Trampoline, ItsImageIsSealed) {
  task_.program = "sh";
  const Result<Fd> image = make_trampoline(task_);
  ASSERT_TRUE(image);
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  EXPECT_EQ(::fcntl(FdRef(*image).raw(), F_GET_SEALS) & kSeals, kSeals);
  EXPECT_FALSE(sys::write_all(*image, "x"));
}

}  // namespace
}  // namespace brig
