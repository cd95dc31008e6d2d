#include "checks/lower/Lower.h"

#include "checks/lower/ModuleLowering.h"

#include "clang/AST/ASTContext.h"

namespace latchkey::lower {

ir::Module lower(clang::ASTContext &Context, const Options &Opts) {
  ir::Module Module;
  ModuleLowering(Context, Opts, Module).run();
  return Module;
}

} // namespace latchkey::lower
