#include "tool/Shard.h"

namespace latchkey::driver {

llvm::Expected<Shard> parseShard(llvm::StringRef Text) {
  auto [Index, Count] = Text.split('/');
  Shard Result;
  if (Index.getAsInteger(10, Result.Index) || Count.getAsInteger(10, Result.Count) || Result.Index == 0 ||
      Result.Index > Result.Count)
    return llvm::createStringError("--shard=" + Text + ": give I/N with I from 1 to N, as in --shard=2/8");
  return Result;
}

} // namespace latchkey::driver
