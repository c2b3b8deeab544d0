// One function a command: Options in, exit status out. They call the runtime and print.
#pragma once

#include <string>

#include "base/error.h"
#include "cli/log.h"
#include "cli/options.h"

namespace brig::cli {

runtime::Settings settings_from(const Options& options, Log& log);

Result<int> create(const Options& options, Log& log);
Result<int> run(const Options& options, Log& log);
Result<int> start(const Options& options, Log& log);
Result<int> exec(const Options& options, Log& log);
Result<int> state(const Options& options, Log& log);
Result<int> kill(const Options& options, Log& log);
Result<int> remove(const Options& options, Log& log);  // the delete command
Result<int> pause(const Options& options, Log& log);
Result<int> resume(const Options& options, Log& log);
Result<int> update(const Options& options, Log& log);
Result<int> mounts(const Options& options, Log& log);
Result<int> ps(const Options& options, Log& log);
Result<int> events(const Options& options, Log& log);
Result<int> stats(const Options& options, Log& log);
Result<int> list(const Options& options, Log& log);
Result<int> spec(const Options& options, Log& log);
Result<int> info(const Options& options, Log& log);
Result<int> check(const Options& options, Log& log);
Result<int> plan(const Options& options, Log& log);
Result<int> features(const Options& options, Log& log);
Result<int> version(const Options& options, Log& log);
Result<int> help(const Options& options, Log& log);

}  // namespace brig::cli
