#include "linux/seccomp/reference_test.h"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "base/text.h"
#include "sys/file.h"

namespace brig::seccomp_reference {

namespace {

using json::Node;

std::string text_of(const Node& object, std::string_view member) {
  const Node* found = object.find(member);
  return found != nullptr ? found->text : "";
}

std::uint64_t number_of(const Node& object, std::string_view member, std::uint64_t otherwise) {
  const Node* found = object.find(member);
  return found != nullptr && found->kind == json::Kind::Integer ? found->magnitude : otherwise;
}

const std::vector<Node>& items_of(const Node& object, std::string_view member) {
  static const std::vector<Node> kNone;
  const Node* found = object.find(member);
  return found != nullptr ? found->items : kNone;
}

std::uint32_t action_of(const std::string& name, std::uint64_t data) {
  static const std::map<std::string, std::uint32_t> kActions{
      {"SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD},
      {"SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD},
      {"SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS},
      {"SCMP_ACT_TRAP", SECCOMP_RET_TRAP},
      {"SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO},
      {"SCMP_ACT_TRACE", SECCOMP_RET_TRACE},
      {"SCMP_ACT_LOG", SECCOMP_RET_LOG},
      {"SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW}};
  const std::uint32_t action = kActions.at(name);
  const bool takes_data = action == SECCOMP_RET_ERRNO || action == SECCOMP_RET_TRACE;
  return takes_data ? action | static_cast<std::uint32_t>(data) : action;
}

std::uint32_t action_of(const Node& rule) {
  return action_of(text_of(rule, "action"), number_of(rule, "errnoRet", EPERM));
}

// "#define __NR_read 0" or "#define __NR_readv (__X32_SYSCALL_BIT + 515)"
void read_line(std::string_view line, SyscallNumbers& numbers) {
  constexpr std::string_view kStart = "#define __NR_", kX32 = "(__X32_SYSCALL_BIT + ";
  if (!line.starts_with(kStart)) return;
  line.remove_prefix(kStart.size());
  const std::string name(line.substr(0, line.find(' ')));
  line.remove_prefix(std::min(name.size() + 1, line.size()));
  const bool x32 = line.starts_with(kX32);
  if (x32) line.remove_prefix(kX32.size());
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
  if (error == std::errc()) numbers[name] = x32 ? number | bpf_eval::kX32Bit : number;
}

}  // namespace

SyscallNumbers read_numbers(std::string_view suffix) {
  SyscallNumbers numbers;
  for (const std::string_view folder : {"/usr/include/x86_64-linux-gnu/asm", "/usr/include/asm"}) {
    const Result<std::string> text =
        sys::read_file_at(FdRef::cwd(), cat(folder, "/unistd_", suffix, ".h"));
    if (!text) continue;
    for (std::size_t at = 0; at < text->size();) {
      const std::size_t end = std::min(text->find('\n', at), text->size());
      read_line(std::string_view(*text).substr(at, end - at), numbers);
      at = end + 1;
    }
    break;
  }
  return numbers;
}

Reference::Reference(const Node& seccomp, std::string_view suffix)
    : arch_(suffix == "32" ? AUDIT_ARCH_I386 : AUDIT_ARCH_X86_64),
      first_(suffix == "x32" ? bpf_eval::kX32Bit : 0),
      highest_(first_),
      default_(action_of(text_of(seccomp, "defaultAction"),
                         number_of(seccomp, "defaultErrnoRet", EPERM))),
      // libseccomp takes x32 for an architecture of 32 bits.
      width_(suffix == "64" ? ~std::uint64_t{0} : 0xffffffff) {
  const SyscallNumbers numbers = read_numbers(suffix);
  for (const Node& rule : items_of(seccomp, "syscalls"))
    for (const Node& name : items_of(rule, "names")) {
      const auto known = numbers.find(name.text);
      if (known == numbers.end()) continue;
      rules_[known->second].push_back(&rule);
      highest_ = std::max(highest_, known->second);
    }
}

bool Reference::holds(const Node& arg, const Call& call) const {
  const std::string op = text_of(arg, "op");
  const std::uint64_t value = number_of(arg, "value", 0) & width_;
  const std::uint64_t actual = call.args[number_of(arg, "index", 0)] & width_;
  if (op == "SCMP_CMP_NE") return actual != value;
  if (op == "SCMP_CMP_LT") return actual < value;
  if (op == "SCMP_CMP_LE") return actual <= value;
  if (op == "SCMP_CMP_EQ") return actual == value;
  if (op == "SCMP_CMP_GE") return actual >= value;
  if (op == "SCMP_CMP_GT") return actual > value;
  return (actual & value) == (number_of(arg, "valueTwo", 0) & width_);  // SCMP_CMP_MASKED_EQ
}

// All conditions; those on one argument are alternatives.
bool Reference::holds_whole(const Node& rule, const Call& call) const {
  const std::vector<Node>& args = items_of(rule, "args");
  const auto index = [](const Node& arg) { return number_of(arg, "index", 0); };
  return std::ranges::all_of(args, [&](const Node& arg) {
    return std::ranges::any_of(
        args, [&](const Node& other) { return index(other) == index(arg) && holds(other, call); });
  });
}

std::optional<std::uint32_t> Reference::decide(const Call& call) const {
  // A program that is told "not permitted" of a call that was made after the profile does not try
  // the older one.
  const bool refuses = (default_ & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
  if (refuses && !rules_.empty() && call.number > highest_) return SECCOMP_RET_ERRNO | ENOSYS;
  const auto found = rules_.find(call.number);
  if (found == rules_.end()) return default_;
  for (const Node* rule : found->second)
    if (action_of(*rule) != default_ && items_of(*rule, "args").empty()) return action_of(*rule);
  std::set<std::uint32_t> sometimes;
  for (const Node* rule : found->second)
    if (action_of(*rule) != default_ && holds_whole(*rule, call))
      sometimes.insert(action_of(*rule));
  if (sometimes.empty()) return default_;
  return sometimes.size() == 1 ? std::optional(*sometimes.begin()) : std::nullopt;
}

std::vector<Call> Reference::probes(std::uint32_t number) const {
  std::map<std::uint64_t, std::set<std::uint64_t>> values;  // by argument
  const auto found = rules_.find(number);
  if (found != rules_.end())
    for (const Node* rule : found->second)
      for (const Node& arg : items_of(*rule, "args")) {
        const bool masked = text_of(arg, "op") == "SCMP_CMP_MASKED_EQ";
        const std::uint64_t value = number_of(arg, masked ? "valueTwo" : "value", 0);
        std::set<std::uint64_t>& of = values[number_of(arg, "index", 0)];
        of.insert({value, value - 1, value + 1, 0, ~std::uint64_t{0}, number_of(arg, "value", 0)});
        for (unsigned bit = 0; bit < 64; ++bit) of.insert(value ^ std::uint64_t{1} << bit);
      }
  std::vector<Call> calls{{.arch = arch_, .number = number}};
  for (const auto& [index, wanted] : values) {
    const std::vector<Call> before = calls;
    for (const Call& call : before)
      for (const std::uint64_t value : wanted) {
        calls.push_back(call);
        calls.back().args[index] = value & width_;
      }
  }
  return calls;
}

}  // namespace brig::seccomp_reference
