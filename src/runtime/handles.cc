#include "runtime/handles.h"

#include "spec/annotations.h"
#include "sys/file.h"
#include "sys/socket.h"

namespace brig::runtime {

namespace {

// Digits only: go-runc and conmon-rs do not take a newline.
Result<> write_pid_file(const std::string& path, pid_t pid) {
  const std::size_t slash = path.find_last_of('/');
  const std::string dir = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::string beside = cat(".", name, ".", sys::own_pid());
  const Fd folder = TRY(sys::open_at(FdRef::cwd(), dir, O_PATH | O_DIRECTORY));
  TRY(sys::create_file_at(folder, beside, cat(pid), 0666));
  return sys::rename_at(folder, beside, name);
}

Result<> send_pidfd(const std::string& path, std::string_view word, FdRef pidfd) {
  const Fd socket = TRY(sys::connect_stream(path));
  return sys::send_message(socket, word, {&pidfd, 1});
}

}  // namespace

HandOut HandOut::of(const CreateOptions& options,
                    const std::map<std::string, std::string>& annotations) {
  return {.pid_file = options.pid_file,
          .pidfd_socket = options.pidfd_socket,
          .pidfd_word = "standard",
          .pidfd_receiver =
              std::string(spec::annotation_of(annotations, spec::annotation::kPidfdReceiver))};
}

Result<> hand_out_process(const sys::Child& child, const HandOut& wanted) {
  if (!wanted.pid_file.empty()) TRY_DOING(write_pid_file(wanted.pid_file, child.pid), "pid file");
  if (!wanted.pidfd_socket.empty())
    TRY_DOING(send_pidfd(wanted.pidfd_socket, wanted.pidfd_word, child.pidfd), "pidfd socket");
  if (!wanted.pidfd_receiver.empty())
    TRY_DOING(send_pidfd(wanted.pidfd_receiver, wanted.pidfd_word, child.pidfd), "annotations[\"",
              spec::annotation::kPidfdReceiver, "\"]");
  return {};
}

}  // namespace brig::runtime
