#include "checks/ir/Module.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::ir {

namespace {

const Type Unknown;

template <typename T> const T *findById(const std::vector<T> &Sorted, llvm::StringRef Id) {
  auto It = llvm::lower_bound(Sorted, Id, [](const T &Entry, llvm::StringRef Id) { return Entry.Id < Id; });
  return It != Sorted.end() && It->Id == Id ? &*It : nullptr;
}

const Type &typeAt(const Module &M, uint32_t Index) {
  return Index < M.Types.size() ? M.Types[Index] : Unknown;
}

const Type &fieldType(const Module &M, const Type &Object, llvm::StringRef Name) {
  if (llvm::StringRef Base = Name; Base.consume_front("(base ") && Base.consume_back(")")) {
    auto It = llvm::find_if(M.Types, [&](const Type &T) { return T.K == Type::Kind::Class && T.Class == Base; });
    return It == M.Types.end() ? Unknown : *It;
  }
  const Class *C = Object.Class.empty() ? nullptr : M.classById(Object.Class);
  if (!C)
    return Unknown;
  auto It = llvm::find_if(C->Fields, [&](const Field &F) { return F.Name == Name; });
  return It == C->Fields.end() ? Unknown : typeAt(M, It->Type);
}

} // namespace

bool Module::hasCPlusPlus(const Range &Where, unsigned Wanted) const {
  const File *F = Where.File < Files.size() ? &Files[Where.File] : nullptr;
  bool Linked = F && F->Standard;
  return (Linked ? F->CPlusPlus : CPlusPlus) && (Linked ? F->Standard : Standard) >= Wanted;
}

const Function *Module::function(llvm::StringRef Id) const {
  return findById(Functions, Id);
}

const Class *Module::classById(llvm::StringRef Id) const {
  return findById(Classes, Id);
}

const Type &Module::typeOf(const Function &F, const Place &P) const {
  const Type *T = &Unknown;
  bool HoldsAddress = false; // A by-reference capture may carry the type of what it refers to.
  if (P.R == Place::Root::Variable && P.Index < F.Variables.size()) {
    const Variable &V = F.Variables[P.Index];
    T = &typeAt(*this, V.Type);
    HoldsAddress = V.CapturedByReference && !T->Reference;
  } else if (P.R == Place::Root::Global && P.Index < Globals.size()) {
    T = &typeAt(*this, Globals[P.Index].Type);
  }
  for (const Step &S : P.Path) {
    switch (S.K) {
    case Step::Kind::Field:
      T = &fieldType(*this, *T, S.Name);
      break;
    case Step::Kind::Deref:
      if (!HoldsAddress)
        T = T->K == Type::Kind::Pointer ? &typeAt(*this, T->Element) : &Unknown;
      break;
    case Step::Kind::Element:
      if (T->K == Type::Kind::Container || T->K == Type::Kind::Pointer)
        T = &typeAt(*this, T->Element);
      else if (T->K != Type::Kind::Handle && T->K != Type::Kind::Class) // of an array, by the pointer to its first
        T = &Unknown;
      break;
    }
    HoldsAddress = false;
  }
  return *T;
}

} // namespace latchkey::ir
