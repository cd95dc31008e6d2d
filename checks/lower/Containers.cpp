// Operations on containers, by the names that all container libraries share; atomics.
#include "checks/lower/FunctionLowering.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"
#include "llvm/ADT/StringSwitch.h"

namespace latchkey::lower {

using namespace clang;

namespace {
enum class Operation {
  None,
  Push,
  Emplace,
  Insert,
  EmplaceKey,
  Pop,
  PopFirst,
  PopLast,
  Erase,
  Clear,
  Resize,
  Assign,
  Swap,
  First,
  Last,
  At
};
} // namespace

static Operation operationNamed(llvm::StringRef Name) {
  return llvm::StringSwitch<Operation>(Name)
      .Cases({"push_back", "push_front", "push", "append", "prepend", "enqueue", "add"}, Operation::Push)
      .Cases({"emplace_back", "emplace_front", "emplaceBack"}, Operation::Emplace)
      .Cases({"insert", "insert_or_assign"}, Operation::Insert)
      .Cases({"emplace", "try_emplace", "emplace_hint"}, Operation::EmplaceKey)
      .Case("pop", Operation::Pop)
      .Cases({"pop_front", "removeFirst"}, Operation::PopFirst)
      .Cases({"pop_back", "removeLast"}, Operation::PopLast)
      .Case("erase", Operation::Erase)
      .Case("clear", Operation::Clear)
      .Case("resize", Operation::Resize)
      .Case("assign", Operation::Assign)
      .Case("swap", Operation::Swap)
      .Cases({"front", "first"}, Operation::First)
      .Cases({"back", "top", "last"}, Operation::Last)
      .Case("at", Operation::At)
      .Default(Operation::None);
}

static bool hasMember(const CXXRecordDecl &Class, llvm::StringRef Name) {
  return llvm::any_of(Class.decls(), [&](const Decl *D) {
    const auto *Named = dyn_cast<NamedDecl>(D);
    return Named && Named->getIdentifier() && Named->getName() == Name;
  });
}

void FunctionLowering::push(const ir::Place &Container, QualType Element, llvm::ArrayRef<const Expr *> Args,
                            bool Emplace, SourceRange Where) {
  ir::Effect Push = effect(ir::Op::Push, Container, Where);
  bool Interesting = !Element.isNull() && Mod.Types.ofInterest(Element);
  if (!Interesting || (Args.empty() && !Emplace)) {
    for (const Expr *Arg : Args) {
      ir::Value V = argument(*Arg, Arg->getType());
      if (HasGuard && V.K == ir::Value::Kind::Move) // it is gone for the guard that looks after it
        Push.Input = std::move(V);
    }
  } else if (Emplace && Element->isRecordType() && !Mod.Types.isCallable(Element)) {
    ir::Place P = temporary(Element, Where);
    emplace(P, Element, Args, Where);
    Push.Input = ir::Value::move(P);
  } else if (Args.size() == 1) {
    Push.Input = decayed(*Args[0]);
  } else if (!Args.empty()) {
    Push.Input = task(*Args[0], Args.drop_front());
  }
  emit(std::move(Push));
}

std::optional<FunctionLowering::Called> FunctionLowering::containerCall(const Parts &P, const ir::Place *, bool Used) {
  const auto *Method = dyn_cast<CXXMethodDecl>(P.Callee);
  if (!Method || !P.Object)
    return std::nullopt;
  QualType T = P.Object->getType().getNonReferenceType();
  if (P.Arrow && T->isPointerType())
    T = T->getPointeeType();
  if (!Mod.Types.isContainer(T))
    return std::nullopt;
  std::optional<ir::Place> At = object(*P.Object, P.Arrow);
  if (!At)
    return std::nullopt;
  QualType Element = Mod.Types.element(T);
  Called C;
  if (Method->getOverloadedOperator() == OO_Subscript && P.Args.size() == 1) {
    C.V = ir::Value::address(At->element(indexText(P.Args[0])));
    effects(P.Args[0]);
    return C;
  }
  llvm::StringRef Name = Method->getIdentifier() ? Method->getName() : "";
  llvm::ArrayRef<const Expr *> Args = P.Args;
  while (!Args.empty() && isa<CXXDefaultArgExpr>(Args.back()))
    Args = Args.drop_back();
  auto Simple = [&](ir::Op O, std::string Which = {}) {
    for (const Expr *Arg : Args)
      effects(Arg);
    ir::Effect E = effect(O, *At, P.Where);
    E.Text = Name.str();
    if (!Which.empty())
      E.Input = ir::Value::address(At->element(std::move(Which)));
    emit(std::move(E));
    return C;
  };
  switch (operationNamed(Name)) {
  case Operation::Push:
    push(*At, Element, Args, false, P.Where);
    return C;
  case Operation::Emplace:
    push(*At, Element, Args, true, P.Where);
    if (Used)
      C.V = ir::Value::address(At->element("back"));
    return C;
  case Operation::Insert:
    if (Args.size() > 2 || (Args.size() == 2 && isPosition(*Args[0]) && isPosition(*Args[1])))
      return Simple(ir::Op::Write); // A range.
    // insert(x), insert(key, x), insert(position, x): the last argument is the element.
    for (const Expr *Arg : Args.drop_back(Args.empty() ? 0 : 1))
      effects(Arg);
    push(*At, Element, Args.take_back(1), false, P.Where);
    return C;
  case Operation::EmplaceKey:
    // A map's key, or a position, comes first; a stack or queue has neither.
    if (Args.size() >= 1 && (Name != "emplace" || Mod.Types.isKeyed(T) || isPosition(*Args[0]))) {
      effects(Args[0]);
      Args = Args.drop_front();
    }
    push(*At, Element, Args, true, P.Where);
    return C;
  case Operation::PopFirst:
    return Simple(ir::Op::Pop, "0");
  case Operation::PopLast:
    return Simple(ir::Op::Pop, "back");
  case Operation::Pop: // of a stack or of a queue
    return Simple(ir::Op::Pop, hasMember(*Method->getParent(), "top") ? "back" : "0");
  case Operation::Erase:
    return Simple(Args.size() == 2 ? ir::Op::Write : ir::Op::Pop);
  case Operation::Clear:
    return Simple(ir::Op::Clear);
  case Operation::Assign:
    Simple(ir::Op::Clear);
    return Simple(ir::Op::Write);
  case Operation::Resize: {
    ir::Effect E = effect(ir::Op::Resize, *At, P.Where);
    if (!Args.empty())
      E.Amount = term(Args[0]);
    if (Args.size() == 2)
      E.Input = value(Args[1]);
    E.Text = Name.str();
    emit(std::move(E));
    return C;
  }
  case Operation::Swap: {
    std::optional<ir::Place> Other = Args.size() == 1 ? place(Args[0]) : std::nullopt;
    ir::Effect E = effect(ir::Op::Swap, *At, P.Where);
    E.Input = Other ? ir::Value::address(*Other) : ir::Value::unknown();
    emit(std::move(E));
    return C;
  }
  case Operation::First:
    C.V = ir::Value::address(At->element("0"));
    return C;
  case Operation::Last:
    C.V = ir::Value::address(At->element("back"));
    return C;
  case Operation::At:
    C.V = ir::Value::address(At->element(Args.empty() ? "" : indexText(Args[0])));
    for (const Expr *Arg : Args)
      effects(Arg);
    return C;
  case Operation::None:
    break;
  }
  if (!Mod.Places.isSystem(*Method))
    return std::nullopt;
  for (const Expr *Arg : Args)
    effects(Arg);
  if (Name == "data" && P.E->isPRValue())
    C.V = ir::Value::address(*At);
  return C; // size, begin, find, reserve and the like change no element.
}

bool FunctionLowering::isPosition(const Expr &E) {
  return iterated(E).has_value();
}

std::optional<FunctionLowering::Called> FunctionLowering::atomicCall(const Parts &P, const ir::Place *, bool Used) {
  const auto *Method = dyn_cast<CXXMethodDecl>(P.Callee);
  if (!Method || !P.Object)
    return std::nullopt;
  QualType T = P.Object->getType().getNonReferenceType();
  if (P.Arrow && T->isPointerType())
    T = T->getPointeeType();
  const ir::Type &Kind = Mod.Types.type(T);
  if (Kind.K != ir::Type::Kind::Number || !Kind.Atomic || !T->isRecordType())
    return std::nullopt;
  std::optional<ir::Place> At = object(*P.Object, P.Arrow);
  if (!At)
    return std::nullopt;
  enum { Load, Store, Exchange, Add, Sub, Change, Other } K = Other;
  bool Old = true;
  llvm::StringRef Name = Method->getIdentifier() ? Method->getName() : "";
  switch (Method->getOverloadedOperator()) {
  case OO_Equal:
    K = Store;
    break;
  case OO_PlusPlus:
  case OO_PlusEqual:
    K = Add;
    Old = Method->getOverloadedOperator() == OO_PlusPlus && P.Args.size() == 1;
    break;
  case OO_MinusMinus:
  case OO_MinusEqual:
    K = Sub;
    Old = Method->getOverloadedOperator() == OO_MinusMinus && P.Args.size() == 1;
    break;
  default:
    K = isa<CXXConversionDecl>(Method) ? Load
                                       : llvm::StringSwitch<decltype(Other)>(Name)
                                             .Cases({"load", "test"}, Load)
                                             .Case("store", Store)
                                             .Cases({"exchange", "test_and_set"}, Exchange)
                                             .Case("fetch_add", Add)
                                             .Case("fetch_sub", Sub)
                                             .Cases({"wait", "notify_one", "notify_all", "is_lock_free"}, Other)
                                             .Default(Change);
  }
  Called C;
  bool Step = Method->getOverloadedOperator() == OO_PlusPlus || Method->getOverloadedOperator() == OO_MinusMinus;
  ir::Term Operand = Step || P.Args.empty() ? ir::Term::constant(1) : term(P.Args[0]);
  switch (K) {
  case Load:
    C.V = ir::Value::number(valueAt(*At));
    return C;
  case Exchange:
    if (Used) {
      ir::Place Before = temporary(Context.BoolTy, P.Where);
      assign(Before, ir::Value::number(valueAt(*At)), P.Where, true);
      C.V = ir::Value::number(valueAt(Before));
    }
    assign(*At, ir::Value::number(Operand), P.Where, false);
    return C;
  case Store:
    assign(*At, ir::Value::number(Operand), P.Where, false);
    C.V = ir::Value::number(Operand);
    return C;
  case Add:
  case Sub: {
    ir::Term Now = valueAt(*At);
    assign(*At, ir::Value::number(K == Add ? Now + Operand : Now - Operand), P.Where, false);
    C.V = ir::Value::number(!Old ? Now : K == Add ? Now - Operand : Now + Operand);
    return C;
  }
  case Change:
    for (const Expr *Arg : P.Args)
      effects(Arg);
    write(*At, P.Where);
    return C;
  case Other:
    if (Name != "wait" && !Name.starts_with("notify"))
      return std::nullopt;
    for (const Expr *Arg : P.Args)
      effects(Arg);
    emit(effect(Name == "wait" ? ir::Op::Await : ir::Op::Notify, *At, P.Where));
    return C;
  }
  return std::nullopt;
}

} // namespace latchkey::lower
