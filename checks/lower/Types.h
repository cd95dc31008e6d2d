// What each type of the translation unit is to the analysis: by model, by shape, by name, or a class with parts that
// matter. Fills Module::Types and Module::Classes.
#pragma once

#include "checks/ir/Module.h"
#include "checks/lower/Ids.h"
#include "checks/lower/Shapes.h"
#include "checks/lower/Sources.h"
#include "checks/model/Model.h"

#include "clang/AST/Type.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace clang {
class ASTContext;
class CXXRecordDecl;
class FieldDecl;
class FunctionDecl;
class RecordDecl;
} // namespace clang

namespace latchkey::lower {

/// The type of a deleter that a user wrote or chose: a function object, a function, a holder of either.
bool isUserDeleter(clang::QualType, const Sources &);

class TypeTable {
public:
  TypeTable(clang::ASTContext &, const model::Library &, Sources &, Ids &, ir::Module &);

  /// Index into Module::Types; 0 (Other) for what cannot matter and for null. Looks through typedefs and cv; a
  /// reference is a Pointer with Reference. A class gets its entry in Module::Classes the first time.
  uint32_t index(clang::QualType);
  /// The entry itself; the reference dies with the next index().
  const ir::Type &type(clang::QualType T) { return Module.Types[index(T)]; }

  /// Anything of it can matter to an effect: modelled or recognised, a callable, a pointer to or container of such, a
  /// class with such a part or with a destructor written by the user. Numbers don't.
  bool ofInterest(clang::QualType);
  /// The end of an object of this type is an effect. References and raw pointers don't, owning pointers of what is of
  /// interest do.
  bool needsDestroy(clang::QualType);

  /// The model of the class (built-in, the user's, or by a counter's name), through cv, typedefs and references, not
  /// through pointers; null if there is none. Public bases are looked at too (class Task : public std::thread).
  const model::TypeModel *model(clang::QualType);
  const model::TypeModel *model(const clang::RecordDecl &);

  bool isLambda(clang::QualType) const;
  /// A transparent holder of a callable: std::function, move_only_function, packaged_task, std::bind's result,
  /// reference_wrapper of a callable, function_ref, boost::function, folly::Function, absl::AnyInvocable.
  bool isCallableHolder(clang::QualType);
  /// Something that can be called: lambda, functor, function, pointer to function or member function, holder.
  bool isCallable(clang::QualType);
  /// std::unique_ptr, shared_ptr, optional, reference_wrapper and their kin; `*p`, `p->` and `p.get()` reach Element.
  bool isSmartPointer(clang::QualType);
  bool isContainer(clang::QualType);
  /// A container whose index is a key, not a position.
  static bool isKeyed(clang::QualType);
  /// What stands at one step of a place: pointee, or element of a container; null if it is neither.
  clang::QualType element(clang::QualType);

  /// Recognition by shape; K is None for what has a model.
  const Shape &shape(clang::QualType);
  Shapes &shapes() { return ByShape; }

  /// Name of the field in a place: as written; an unnamed one has `(unnamed N)` with its position.
  static std::string fieldName(const clang::FieldDecl &);
  /// Name of the base's part of an object: `(base <Id>)`.
  std::string baseField(const clang::CXXRecordDecl &Base);
  /// Destructor to call for a class, or null for a trivial one (implicit ones are declared as needed).
  const clang::FunctionDecl *destructor(clang::QualType) const;

  /// The class's entry in Module::Classes, made if it isn't there yet.
  const std::string &classId(const clang::RecordDecl &);

  /// Called for an instance of a user's template that has no definition yet: skipped bodies may be all that needed it
  /// (`make_shared<Worker<int>>`). Must outlive the table.
  void completeWith(std::function<void(const clang::RecordDecl &)> Fn) { Complete = std::move(Fn); }

  /// What Module::Classes were made from, in the order in which they were first asked for. Grows.
  llvm::ArrayRef<const clang::RecordDecl *> records() const { return Records; }

private:
  /// How a class matters, and with which kinds of step that carries over to what holds it.
  enum : uint8_t {
    Matters = 1, ///< It or something it reaches has a meaning of its own. Goes through pointers.
    Ends = 2,    ///< Its end is an effect. Goes through owners.
  };
  struct Edge {
    const clang::RecordDecl *To;
    uint8_t Mask;
  };

  uint32_t make(clang::QualType);
  uint32_t add(ir::Type);
  ir::Type recognise(clang::QualType);
  ir::Type fromModel(const model::TypeModel &, clang::QualType);
  ir::Type fromRecord(const clang::RecordDecl &, clang::QualType);
  ir::Type named(ir::Type, clang::QualType) const;
  const model::TypeModel *typedefModel(clang::QualType) const;
  const model::TypeModel *findModel(const clang::RecordDecl &);
  /// A guard that holds more than what it runs is a class with a callback.
  bool holdsOnly(const clang::CXXRecordDecl &, const clang::FieldDecl *Member);

  uint8_t interest(clang::QualType);
  uint8_t interest(const clang::RecordDecl &);
  uint8_t ownInterest(const clang::RecordDecl &, std::vector<Edge> &);
  uint8_t follow(clang::QualType, uint8_t Mask, std::vector<Edge> &);

  void fillClasses();
  ir::Class describe(const clang::RecordDecl &);

  clang::ASTContext &Context;
  const model::Library &Models;
  Sources &Places;
  Ids &Identity;
  ir::Module &Module;
  std::function<void(const clang::RecordDecl &)> Complete;
  Shapes ByShape;
  unsigned Depth = 0; ///< Of index(); classes are filled when it is back at 0, so that recursive types end.
  llvm::DenseMap<const clang::Type *, uint32_t> Known;
  std::map<ir::Type, uint32_t> Entries; ///< Equal ones are shared.
  llvm::DenseMap<const clang::RecordDecl *, const model::TypeModel *> RecordModels;
  std::map<const clang::RecordDecl *, model::TypeModel> MadeModels; ///< By a counter's name or a mutex's shape.
  llvm::DenseMap<const clang::RecordDecl *, uint8_t> Interest;
  llvm::DenseSet<const clang::RecordDecl *> HasEntry;
  std::vector<const clang::RecordDecl *> Records;
  size_t Filled = 0; ///< The entries of those from here on have nothing but an id.
};

} // namespace latchkey::lower
