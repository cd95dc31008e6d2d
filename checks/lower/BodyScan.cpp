#include "checks/lower/BodyScan.h"

#include "checks/lower/Names.h"
#include "checks/lower/Syntax.h"
#include "checks/model/Model.h"

#include "clang/AST/ASTContext.h"
#include "clang/AST/DeclCXX.h"
#include "clang/AST/DeclTemplate.h"
#include "clang/AST/ExprCXX.h"
#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/StringSwitch.h"

using namespace clang;

namespace latchkey::lower {

LockCall lockMethod(StringRef Name) {
  std::string Plain = Name.lower();
  llvm::erase(Plain, '_');
  return llvm::StringSwitch<LockCall>(Plain)
      .Cases({"lock", "trylock", "writelock", "wrlock", "lockexclusive", "acquirewritelock"}, LockCall::Lock)
      .Cases({"unlock", "writeunlock", "wrunlock", "unlockexclusive", "releasewritelock"}, LockCall::Unlock)
      .Cases({"lockshared", "readlock", "rdlock", "readerlock", "acquirereadlock"}, LockCall::SharedLock)
      .Cases({"unlockshared", "readunlock", "rdunlock", "readerunlock", "releasereadlock"}, LockCall::SharedUnlock)
      .Default(LockCall::None);
}

const FunctionDecl *readableBody(const FunctionDecl *F) {
  const FunctionDecl *Body = bodyOrPattern(F);
  if (!Body)
    return nullptr;
  const SourceManager &Manager = Body->getASTContext().getSourceManager();
  bool Always = isa<CXXConstructorDecl, CXXDestructorDecl>(Body) || Body->getOverloadedOperator() == OO_Call;
  return Always || !Manager.isInSystemHeader(Body->getLocation()) ? Body : nullptr;
}

namespace {

/// The method of Class (or of a base) with a body that a call on `this` names; overloads are not told apart.
const FunctionDecl *methodNamed(const CXXRecordDecl &Class, StringRef Name) {
  const CXXRecordDecl *Definition = Class.getDefinition();
  if (!Definition)
    return nullptr;
  for (const Decl *D : Definition->decls()) {
    const auto *Method = dyn_cast<CXXMethodDecl>(D->getAsFunction() ? D->getAsFunction() : D);
    if (Method && Method->getIdentifier() && Method->getName() == Name && readableBody(Method))
      return readableBody(Method);
  }
  for (const CXXBaseSpecifier &Base : Definition->bases())
    if (const CXXRecordDecl *Record = Base.getType()->getAsCXXRecordDecl())
      if (const FunctionDecl *Method = methodNamed(*Record, Name))
        return Method;
  return nullptr;
}

static bool isNull(const Expr &Argument) {
  const Expr *Plain = Argument.IgnoreParenCasts();
  const auto *Number = dyn_cast<IntegerLiteral>(Plain);
  return isa<CXXNullPtrLiteralExpr, GNUNullExpr>(Plain) || (Number && Number->getValue() == 0);
}

/// Collects what a body of a class's method does to the object's fields, one level of helpers included.
class BodyScan : public RecursiveASTVisitor<BodyScan> {
public:
  BodyScan(const CXXRecordDecl &Class, const model::Library &Models, unsigned Depth = 0)
      : Class(Class), Models(Models), Depth(Depth) {}

  void scan(const FunctionDecl &F) {
    if (const auto *Constructor = dyn_cast<CXXConstructorDecl>(&F))
      for (const CXXCtorInitializer *Initialiser : Constructor->inits())
        initialiser(*Initialiser);
    TraverseStmt(F.getBody());
  }

  bool TraverseLambdaExpr(LambdaExpr *) { return true; }

  bool TraverseIfStmt(IfStmt *If) {
    ++Ifs;
    bool Continue = RecursiveASTVisitor::TraverseIfStmt(If);
    --Ifs;
    return Continue;
  }

  bool VisitIfStmt(IfStmt *If) {
    const Expr *Condition = bare(If->getCond());
    bool ActsWhen = true;
    while (const auto *Not = dyn_cast<UnaryOperator>(Condition)) {
      if (Not->getOpcode() != UO_LNot)
        break;
      ActsWhen = !ActsWhen;
      Condition = bare(Not->getSubExpr());
    }
    if (const auto *Compare = dyn_cast<BinaryOperator>(Condition); Compare && Compare->isEqualityOp()) {
      // `if (f_ != nullptr)`, `if (active_ == true)`.
      const Expr *Other = bare(Compare->getRHS());
      const auto *Literal = dyn_cast<CXXBoolLiteralExpr>(Other);
      ActsWhen = ActsWhen == ((Compare->getOpcode() == BO_EQ) == (Literal && Literal->getValue()));
      Condition = Compare->getLHS();
    }
    // `if (f_)` of a std::function.
    if (const auto *Call = dyn_cast<CXXMemberCallExpr>(bare(Condition));
        Call && isa_and_nonnull<CXXConversionDecl>(Call->getMethodDecl()))
      Condition = Call->getImplicitObjectArgument();
    const FieldDecl *Field = namedField(Condition, Class);
    if (!Field)
      return true;
    const Stmt *Then = If->getThen();
    if (const auto *Block = dyn_cast<CompoundStmt>(Then); Block && Block->size() == 1)
      Then = Block->body_front();
    Facts.Tests.push_back({Field, isa<ReturnStmt>(Then) ? !ActsWhen : ActsWhen});
    return true;
  }

  bool VisitCallExpr(CallExpr *Call) {
    if (auto *Operator = dyn_cast<CXXOperatorCallExpr>(Call)) {
      if (Operator->getOperator() == OO_Call)
        called(Operator->getArg(0));
      else if (Operator->getOperator() == OO_Equal && Operator->getNumArgs() == 2) {
        assigned(Operator->getArg(0), Operator->getArg(1));
        writes(Operator->getArg(0));
      }
      return true;
    }
    Facts.Acts = true;
    if (auto Method = methodCall(*Call)) {
      method(*Method, *Call);
      return true;
    }
    called(Call->getCallee());
    function(*Call);
    return true;
  }

  bool VisitBinaryOperator(BinaryOperator *Operator) {
    if (Operator->isAssignmentOp())
      writes(Operator->getLHS());
    if (Operator->getOpcode() == BO_Assign)
      assigned(Operator->getLHS(), Operator->getRHS());
    return true;
  }
  bool VisitUnaryOperator(UnaryOperator *Operator) {
    if (Operator->isIncrementDecrementOp())
      writes(Operator->getSubExpr());
    return true;
  }
  bool VisitCXXDeleteExpr(CXXDeleteExpr *) {
    Facts.Acts = true;
    return true;
  }

  BodyFacts Facts;

private:
  void initialiser(const CXXCtorInitializer &Initialiser) {
    if (!Initialiser.getInit())
      return;
    if (const FieldDecl *Field = Initialiser.getAnyMember())
      Facts.Assigned.emplace_back(fieldByName(Class, Field->getName()), Initialiser.getInit());
    TraverseStmt(Initialiser.getInit());
  }

  void called(const Expr *Callee) {
    if (const FieldDecl *Field = namedField(Callee, Class))
      Facts.Called.push_back(Field);
  }

  /// To something that the object only refers to: state of somebody else that it restores.
  void writes(const Expr *To) {
    bool Through = false;
    while (To) {
      To = bare(To);
      if (const auto *Unary = dyn_cast<UnaryOperator>(To); Unary && Unary->getOpcode() == UO_Deref) {
        Through = true;
        To = Unary->getSubExpr();
      } else if (const auto *Index = dyn_cast<ArraySubscriptExpr>(To)) {
        Through |= !Index->getBase()->IgnoreImpCasts()->getType()->isArrayType();
        To = Index->getBase();
      } else if (const FieldDecl *Field = namedField(To, Class)) {
        Facts.Acts |= Through || Field->getType()->isReferenceType();
        return;
      } else if (const auto *Member = dyn_cast<MemberExpr>(To)) {
        Through |= Member->isArrow();
        To = Member->getBase();
      } else {
        return;
      }
    }
  }

  void assigned(const Expr *Left, const Expr *Right) {
    if (const FieldDecl *Field = namedField(Left, Class))
      Facts.Assigned.emplace_back(Field, Right);
  }

  void lock(const Expr *Object, LockCall Call) {
    const FieldDecl *Field = namedField(Object, Class);
    const ParmVarDecl *Parameter = Field ? nullptr : namedParameter(Object);
    if (Field || Parameter)
      Facts.Locks.push_back({Field, Parameter, Call, Ifs > 0});
  }

  void method(const MethodCall &Method, const CallExpr &Call) {
    if (!Method.Object) {
      helper(methodNamed(Class, Method.Name));
      return;
    }
    if (LockCall Kind = lockMethod(Method.Name); Kind != LockCall::None)
      lock(Method.Object, Kind);
    const FieldDecl *Field = namedField(Method.Object, Class);
    if (!Field)
      return;
    if (Method.Name == "reset" && Call.getNumArgs() == 0)
      Facts.Assigned.emplace_back(Field, nullptr);
    if (Method.Name == "store" && Call.getNumArgs() != 0)
      Facts.Assigned.emplace_back(Field, Call.getArg(0));
    // A part of the object that holds the callable and has a method to call it.
    const CXXRecordDecl *Part = Field->getType()->getAsCXXRecordDecl();
    const FunctionDecl *Helper = Part && Depth == 0 ? methodNamed(*Part, Method.Name) : nullptr;
    if (!Helper)
      return;
    BodyScan Scan(*Part, Models, Depth + 1);
    Scan.scan(*Helper);
    if (!Scan.Facts.Called.empty())
      Facts.Called.push_back(Field);
  }

  void helper(const FunctionDecl *Helper) {
    if (!Helper || Depth != 0)
      return;
    BodyScan Scan(Class, Models, Depth + 1);
    Scan.scan(*Helper);
    llvm::append_range(Facts.Called, Scan.Facts.Called);
    llvm::append_range(Facts.Tests, Scan.Facts.Tests);
    llvm::append_range(Facts.Assigned, Scan.Facts.Assigned);
    llvm::append_range(Facts.Locks, Scan.Facts.Locks);
    Facts.Attributes |= Scan.Facts.Attributes;
  }

  void function(const CallExpr &Call) {
    const FunctionDecl *Callee = Call.getDirectCallee();
    if (!Callee || !Callee->getIdentifier())
      return;
    if (Callee->getName() == "invoke" && Callee->isInStdNamespace() && Call.getNumArgs() != 0)
      called(Call.getArg(0));
    lockFunction(Call, *Callee);
    const FunctionDecl *Body = Depth == 0 ? readableBody(Callee) : nullptr;
    if (!Body)
      return;
    // A helper that is given the callable and calls it.
    for (unsigned I = 0, E = std::min(Call.getNumArgs(), Body->getNumParams()); I != E; ++I)
      if (const FieldDecl *Field = namedField(Call.getArg(I), Class))
        if (callsParameter(*Body, *Body->getParamDecl(I)))
          Facts.Called.push_back(Field);
  }

  void lockFunction(const CallExpr &Call, const FunctionDecl &Callee) {
    for (const model::FunctionModel &Model : Models.functions(qualifiedName(Callee)))
      for (const model::Action &Action : Model.Actions) {
        bool Locks = Action.O == ir::Op::Lock || Action.O == ir::Op::TryLock;
        Facts.Attributes |= Action.O == ir::Op::Init && Call.getNumArgs() == 2 && !isNull(*Call.getArg(1));
        if ((Locks || Action.O == ir::Op::Unlock) && Action.Subject.Index < Call.getNumArgs())
          lock(Call.getArg(Action.Subject.Index), Locks ? LockCall::Lock : LockCall::Unlock);
      }
  }

  static bool callsParameter(const FunctionDecl &Body, const ParmVarDecl &Parameter) {
    struct Finder : RecursiveASTVisitor<Finder> {
      explicit Finder(const ParmVarDecl &Parameter) : Parameter(Parameter) {}
      bool VisitCallExpr(CallExpr *Call) {
        auto *Operator = dyn_cast<CXXOperatorCallExpr>(Call);
        const Expr *Callee = Operator && Operator->getOperator() == OO_Call ? Operator->getArg(0) : Call->getCallee();
        Found |= namedParameter(Callee) == &Parameter;
        return !Found;
      }
      const ParmVarDecl &Parameter;
      bool Found = false;
    } Finder(Parameter);
    Finder.TraverseStmt(Body.getBody());
    return Finder.Found;
  }

  const CXXRecordDecl &Class;
  const model::Library &Models;
  unsigned Ifs = 0; ///< Around the statement.
  unsigned Depth;
};

} // namespace

BodyFacts scanBody(const FunctionDecl &F, const CXXRecordDecl &Class, const model::Library &Models) {
  BodyScan Scan(Class, Models);
  Scan.scan(F);
  return std::move(Scan.Facts);
}

} // namespace latchkey::lower
