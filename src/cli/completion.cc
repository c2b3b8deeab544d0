#include "cli/completion.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "cli/tables.h"

namespace brig::cli {
namespace {

// "--log=x" reaches the function as three words, so the "=" are dropped first: a value then
// follows its flag in either spelling.
constexpr std::string_view kBegin =
    R"(# bash completion for brig, written by: brig help --completion bash
_brig() {
  local words=() word command='' root=() flags='' values=() i last
  for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do [[ $word == = ]] || words+=("$word"); done
  [[ ${COMP_WORDS[COMP_CWORD]} == = ]] && words+=('')
  last=$((${#words[@]} - 1))
  for ((i = 0; i < last; i++)); do
    case ${words[i]} in
      --root) root=(--root "${words[++i]}") ;;
      )";
constexpr std::string_view kAfterGlobals = R"() ((++i)) ;;
      -*) ;;
      *) command=${words[i]}; break ;;
    esac
  done
  local current=${words[last]} previous=''
  ((last > 0)) && previous=${words[last - 1]}
  case "$command $previous" in
)";
constexpr std::string_view kAfterValues = R"(  esac
  case $command in
)";
constexpr std::string_view kAfterFlags = R"(  esac
  if ((${#values[@]})); then
    [[ ${values[0]} == -W ]] || compopt -o filenames
  elif [[ $current == -* ]]; then
    values=(-W "$flags")
  else
    case $command in
)";
constexpr std::string_view kIds =
    R"sh($("${COMP_WORDS[0]}" "${root[@]}" list --quiet 2>/dev/null)") ;;)sh";
constexpr std::string_view kEnd = R"sh(
      *) return ;;
    esac
  fi
  mapfile -t COMPREPLY < <(compgen "${values[@]}" -- "$current")
}
complete -F _brig brig
)sh";

std::vector<std::string> words_of(const Option& option) {
  std::vector<std::string> words = {cat("--", option.name)};
  for (const char* letter = option.letters; *letter != '\0'; ++letter)
    words.push_back(cat("-", *letter));
  return words;
}

std::string flags_case(std::string_view command, std::span<const Option> options) {
  std::vector<std::string> words;
  for (const Option& option : options)
    for (std::string& word : words_of(option)) words.push_back(std::move(word));
  return cat("    '", command, "') flags='", join(words, " "), "' ;;\n");
}

// What compgen is asked for: the help's name of a value says what kind it is.
std::string values_of(std::string_view kind) {
  if (kind == "DIR") return "-d";
  if (kind == "FILE" || kind == "SOCKET") return "-f";
  if (kind == "N") return "-W ''";
  std::string words(kind);
  std::ranges::replace(words, '|', ' ');
  return cat("-W '", words, "'");
}

std::string values_cases(std::string_view command, std::span<const Option> options) {
  std::string out;
  for (const Option& option : options) {
    if (option.value == nullptr) continue;
    std::vector<std::string> patterns;
    for (const std::string& word : words_of(option))
      patterns.push_back(cat("'", command, " ", word, "'"));
    out += cat("    ", join(patterns, " | "), ") values=(", values_of(option.value), ") ;;\n");
  }
  return out;
}

std::string global_flags_with_values() {
  std::vector<std::string> words;
  for (const Option& option : global_options())
    if (option.value != nullptr && std::string_view(option.name) != "root")
      words.push_back(cat("--", option.name));
  return join(words, " | ");
}

}  // namespace

std::string bash_completion() {
  std::string values = values_cases("", global_options());
  std::string flags = flags_case("", global_options());
  std::vector<std::string_view> all;
  std::vector<std::string_view> with_id;
  std::string verbs;
  for (const Command& command : commands()) {
    values += values_cases(command.name, command.options);
    flags += flags_case(command.name, command.options);
    all.push_back(command.name);
    if (command.takes_existing_id) with_id.push_back(command.name);
    if (!command.verbs.empty())
      verbs += cat("\n      ", command.name, ") values=(-W \"", command.verbs, " ", kIds);
  }
  return cat(kBegin, global_flags_with_values(), kAfterGlobals, values, kAfterValues, flags,
             kAfterFlags, "      '' | help) values=(-W '", join(all, " "), "') ;;\n      ",
             join(with_id, " | "), ") values=(-W \"", kIds, verbs, kEnd);
}

}  // namespace brig::cli
