// Which variables and fields a function may change: assigned, incremented, or given away by reference or address.
#pragma once

#include "llvm/ADT/DenseSet.h"

namespace clang {
class Stmt;
class ValueDecl;
} // namespace clang

namespace latchkey::lower {

/// Adds to Changed what Body writes directly or may write through a reference it hands out, and to Own the fields of
/// its own object that it names.
void changes(const clang::Stmt &Body, llvm::DenseSet<const clang::ValueDecl *> &Changed,
             llvm::DenseSet<const clang::ValueDecl *> &Own);

} // namespace latchkey::lower
