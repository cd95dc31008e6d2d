// Lowering of one translation unit: which functions are lowered, in which order, and what they share.
#pragma once

#include "checks/lower/Annotations.h"
#include "checks/lower/Ids.h"
#include "checks/lower/Instantiate.h"
#include "checks/lower/Lower.h"
#include "checks/lower/Sources.h"
#include "checks/lower/Types.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <set>
#include <string>
#include <vector>

namespace clang {
class CXXMethodDecl;
class Decl;
class DeclContext;
class FunctionDecl;
class RecordDecl;
class VarDecl;
} // namespace clang

namespace latchkey::lower {

class ModuleLowering {
public:
  ModuleLowering(clang::ASTContext &, const Options &, ir::Module &);

  /// Lowers everything; call once.
  void run();

  /// The id of a function that is called, spawned or captured here; its body is lowered too if it may be read.
  const std::string &need(const clang::FunctionDecl &);
  /// The id of a generic lambda that is not told yet with which arguments it will run: it stands for the first of its
  /// bodies that is asked for.
  std::string generic(const clang::CXXRecordDecl &Lambda);
  /// Its body is in this module. Asks need().
  bool hasBody(const clang::FunctionDecl &);
  /// A global, static member or static local.
  uint32_t global(const clang::VarDecl &);
  /// A field of it has a meaning by itself or by what it holds.
  bool hasMeaningfulPart(const clang::CXXRecordDecl &);
  /// Takes note of what a guard runs: its body is lowered with more care, and what has none speaks by its name.
  void armed(ir::Effect &Arm);
  /// The function is the body of a guard, or called as one.
  void runsInGuard(llvm::StringRef Id) {
    if (!Id.empty())
      GuardBodies.insert(Id);
  }
  bool isArmed(llvm::StringRef Id) const { return GuardBodies.contains(Id); }
  /// A function is used as a value: remembers what its name or model says, for when a guard runs it.
  void mentioned(const clang::FunctionDecl &, const std::string &Id);
  /// All methods and special members of a class defined in user code: they may be called from elsewhere.
  void needMembers(const clang::CXXRecordDecl &);

  clang::ASTContext &Context;
  const model::Library &Models;
  ir::Module &Module;
  Sources Places;
  Ids Identity;
  TypeTable Types;
  Annotations Said;
  Instantiator Bodies;

private:
  void needDestructor(const clang::RecordDecl &);
  /// Everything in user code below D that is to be lowered for its own sake.
  void collect(const clang::Decl &D);
  void collectChildren(const clang::DeclContext &);
  void collectFunction(const clang::FunctionDecl &);
  void collectVirtual();
  void needCompanions(const clang::CXXRecordDecl &);
  /// A model or a shape gives it, or what it holds, a meaning.
  bool isMeaningful(clang::QualType);
  /// One function for all that the main file's globals do before main().
  void lowerInitialisers();
  bool inMainFile(const clang::Decl &) const;
  void queue(const clang::FunctionDecl &Definition);
  void lowerOne(const clang::FunctionDecl &);

  const Options &Opts;
  std::vector<const clang::FunctionDecl *> Pending;
  llvm::DenseSet<const clang::FunctionDecl *> Queued; ///< Canonical declarations.
  llvm::DenseMap<const clang::VarDecl *, uint32_t> Globals;
  llvm::DenseMap<const clang::CXXRecordDecl *, bool> Meaningful;
  llvm::DenseSet<const clang::CXXRecordDecl *> Members, Companions;
  std::vector<const clang::VarDecl *> Initialised; ///< Globals of the main file with an initialiser, in order.
  std::set<std::string> Discardable; ///< Functions that every translation unit that calls them has itself.
  llvm::StringSet<> GuardBodies;
  llvm::StringMap<ir::Effect> Described;                ///< Functions used as values: what their names or models say.
  llvm::DenseSet<const clang::CXXRecordDecl *> Generic; ///< Those that have a body.
};

} // namespace latchkey::lower
