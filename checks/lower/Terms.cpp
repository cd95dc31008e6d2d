// Integers as linear terms over atoms.
#include "checks/lower/FunctionLowering.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/ExprCXX.h"

namespace latchkey::lower {

using namespace clang;

bool FunctionLowering::isNumber(QualType T) const {
  T = T.getNonReferenceType();
  if (!T->isRecordType() && Mod.Types.model(T))
    return false; // A handle that happens to be an integer.
  if (T->isIntegralOrEnumerationType() || T->isUnscopedEnumerationType() || T->isScopedEnumeralType())
    return true;
  return T->isAtomicType() && T->castAs<AtomicType>()->getValueType()->isIntegralOrEnumerationType();
}

std::optional<int64_t> FunctionLowering::constant(const Expr &E) const {
  if (E.isValueDependent() || E.isTypeDependent() || E.containsErrors() || !isNumber(E.getType()))
    return std::nullopt;
  // Evaluating is not free: only what can be constant.
  Expr::EvalResult R;
  if (!E.EvaluateAsInt(R, Context, Expr::SE_NoSideEffects))
    return std::nullopt;
  const llvm::APSInt &N = R.Val.getInt();
  if (N.isSigned() ? N.getSignificantBits() > 64 : N.getActiveBits() > 63)
    return std::nullopt;
  return N.getExtValue();
}

ir::Term FunctionLowering::valueAt(const ir::Place &P) const {
  return ir::Term::atom({ir::Atom::Kind::Value, P});
}

/// Names of methods and functions that give the number of elements.
static bool isSizeName(llvm::StringRef Name) {
  return Name == "size" || Name == "length" || Name == "count" || Name == "Size" || Name == "Count" ||
         Name == "size_bytes" || Name == "ssize";
}

std::optional<ir::Place> FunctionLowering::sizeOf(const Expr &E) {
  const auto *Call = dyn_cast<CallExpr>(strip(&E));
  const FunctionDecl *Callee = Call ? Call->getDirectCallee() : nullptr;
  if (!Callee || !Callee->getIdentifier() || !isSizeName(Callee->getName()))
    return std::nullopt;
  if (const auto *Member = dyn_cast<CXXMemberCallExpr>(Call)) {
    const CXXMethodDecl *Method = Member->getMethodDecl();
    const auto *Access = dyn_cast<MemberExpr>(Member->getCallee()->IgnoreParens());
    if (!Method || !Method->isConst() || Member->getNumArgs() || !Access || !Mod.Places.isSystem(*Method))
      return std::nullopt;
    return object(*Access->getBase(), Access->isArrow());
  }
  if (Call->getNumArgs() == 1 && Callee->isInStdNamespace() && Call->getArg(0)->isGLValue())
    return place(Call->getArg(0));
  return std::nullopt;
}

ir::Term FunctionLowering::term(const Expr *E) {
  E = strip(E);
  if (!E || E->isTypeDependent() || E->isValueDependent())
    return ir::Term::unknown();
  Nesting Guard(*this);
  if (Guard.tooDeep())
    return ir::Term::unknown();
  while (const auto *Temporary = dyn_cast<MaterializeTemporaryExpr>(E))
    E = strip(Temporary->getSubExpr());
  if (std::optional<int64_t> N = constant(*E))
    return ir::Term::constant(*N);
  if (const auto *Cast = dyn_cast<CastExpr>(E)) {
    const Expr *Sub = Cast->getSubExpr();
    switch (Cast->getCastKind()) {
    case CK_LValueToRValue:
    case CK_AtomicToNonAtomic:
    case CK_NonAtomicToAtomic:
      return Sub->isGLValue() && isNumber(Sub->getType()) ? term(Sub) : (effects(Sub), ir::Term::unknown());
    case CK_IntegralCast:
      // Narrower than an int loses what the loop counts.
      if (Context.getTypeSize(E->getType()) >= std::min<uint64_t>(32, Context.getTypeSize(Sub->getType())))
        return term(Sub);
      break;
    case CK_NoOp:
      return term(Sub);
    case CK_IntegralToBoolean:
    case CK_PointerToBoolean:
    case CK_MemberPointerToBoolean:
      break;
    default:
      break;
    }
    effects(Sub);
    return ir::Term::unknown();
  }
  if (const auto *U = dyn_cast<UnaryOperator>(E)) {
    switch (U->getOpcode()) {
    case UO_Plus:
      return term(U->getSubExpr());
    case UO_Minus:
      return ir::Term::constant(0) - term(U->getSubExpr());
    case UO_PreInc:
    case UO_PreDec:
    case UO_PostInc:
    case UO_PostDec: {
      increment(*U);
      ir::Nodes Dropped;
      Redirect To(*this, Dropped);
      ir::Term Now = term(U->getSubExpr());
      if (U->isPrefix())
        return Now;
      ir::Term One = ir::Term::constant(1);
      return U->isIncrementOp() ? Now - One : Now + One;
    }
    case UO_Deref:
    case UO_LNot:
      break;
    default:
      effects(U->getSubExpr());
      return ir::Term::unknown();
    }
  }
  if (const auto *B = dyn_cast<BinaryOperator>(E))
    return binaryTerm(*B);
  if (E->isGLValue()) {
    std::optional<ir::Place> P = place(E);
    return P ? valueAt(*P) : ir::Term::unknown();
  }
  if (std::optional<ir::Place> Container = sizeOf(*E))
    return ir::Term::atom({ir::Atom::Kind::Size, *Container});
  ir::Value V = value(E);
  if (V.K == ir::Value::Kind::Number)
    return V.N;
  if (V.K == ir::Value::Kind::Copy && isNumber(E->getType()))
    return valueAt(V.P);
  return ir::Term::unknown();
}

ir::Term FunctionLowering::binaryTerm(const BinaryOperator &B) {
  if (B.isAssignmentOp()) {
    std::optional<ir::Place> P = binaryPlace(B);
    return P ? valueAt(*P) : ir::Term::unknown();
  }
  if (B.getOpcode() == BO_Comma) {
    effects(B.getLHS());
    return term(B.getRHS());
  }
  if (B.isLogicalOp() || B.isComparisonOp()) {
    ir::Value V = truth(B);
    return V.K == ir::Value::Kind::Number ? V.N : ir::Term::unknown();
  }
  if (!isNumber(B.getLHS()->getType()) || !isNumber(B.getRHS()->getType())) {
    effects(B.getLHS());
    effects(B.getRHS());
    return ir::Term::unknown();
  }
  ir::Term Left = term(B.getLHS());
  ir::Term Right = term(B.getRHS());
  if (!Left.Known || !Right.Known)
    return ir::Term::unknown();
  switch (B.getOpcode()) {
  case BO_Add:
    return Left + Right;
  case BO_Sub:
    return Left - Right;
  case BO_Mul:
    return Left * Right;
  case BO_Shl:
    if (Right.isConstant() && Right.constantValue() >= 0 && Right.constantValue() < 31)
      return Left * ir::Term::constant(int64_t(1) << Right.constantValue());
    return ir::Term::unknown();
  case BO_Div:
    if (Right.isConstant() && Right.constantValue() == 1)
      return Left;
    return ir::Term::unknown();
  default:
    return ir::Term::unknown();
  }
}

} // namespace latchkey::lower
