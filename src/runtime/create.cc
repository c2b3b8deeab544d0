#include "runtime/handles.h"
#include "runtime/launch.h"
#include "runtime/runtime.h"

namespace brig::runtime {

Result<> create(const Settings& settings, const CreateOptions& options) {
  const std::unique_ptr<Launch> made = TRY(launch(settings, options, {Released::ByStart}));
  TRY(hand_out_process(*made));
  TRY(made->channel.send(Go{}));
  made->undo.disarm();
  return {};
}

}  // namespace brig::runtime
