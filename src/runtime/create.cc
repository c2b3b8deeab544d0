#include "runtime/handles.h"
#include "runtime/launch.h"
#include "runtime/runtime.h"

namespace brig::runtime {

namespace {

Result<> hand_over(Launch& launch) {
  TRY(hand_out_process(launch.process.child,
                       HandOut::of(launch.options, launch.record.annotations)));
  return launch.process.channel.send(Go{});
}

}  // namespace

Result<> create(const Settings& settings, const CreateOptions& options) {
  const std::unique_ptr<Launch> made = TRY(launch(settings, options, {Released::ByStart}));
  Result<> done = hand_over(*made);
  if (done)
    made->undo.disarm();
  else
    abandon(*made, done.error());
  return done;
}

}  // namespace brig::runtime
