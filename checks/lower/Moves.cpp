#include "checks/lower/Moves.h"
#include "checks/lower/Changes.h"

#include "clang/AST/RecursiveASTVisitor.h"
#include "clang/Basic/Builtins.h"
#include "clang/Basic/SourceManager.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::lower {

using namespace clang;

namespace {

using Declarations = llvm::DenseSet<const ValueDecl *>;

/// Local variables that a statement names, its lambdas included.
class Names : public RecursiveASTVisitor<Names> {
public:
  explicit Names(const Stmt &S) { TraverseStmt(const_cast<Stmt *>(&S)); }
  bool shouldVisitImplicitCode() const { return true; }
  bool VisitDeclRefExpr(DeclRefExpr *E) {
    if (const auto *Var = dyn_cast<VarDecl>(E->getDecl()); Var && !Var->hasGlobalStorage())
      All.insert(Var);
    return true;
  }
  bool VisitCXXThisExpr(CXXThisExpr *) {
    This = true;
    return true;
  }
  bool VisitVarDecl(VarDecl *Var) {
    Declared.insert(Var);
    return true;
  }
  Declarations All, Declared;
  bool This = false;
};

/// What making an object does at once, its lambdas' bodies left out: what it copies, and calls beside the one that
/// makes the object.
class Making : public RecursiveASTVisitor<Making> {
public:
  explicit Making(const Stmt &S) {
    const auto *Declares = dyn_cast<DeclStmt>(&S);
    const auto *Var = Declares && Declares->isSingleDecl() ? dyn_cast<VarDecl>(Declares->getSingleDecl()) : nullptr;
    Plain = (Var && !Var->isStaticLocal()) || isa<Expr>(S);
    if (Var)
      Made = Var->getType().getCanonicalType().getUnqualifiedType();
    else if (const auto *E = dyn_cast<Expr>(&S))
      Root = E->IgnoreImplicit();
    TraverseStmt(const_cast<Stmt *>(&S));
  }
  bool shouldVisitImplicitCode() const { return true; }
  bool TraverseLambdaExpr(LambdaExpr *E) {
    for (auto [Capture, Init] : llvm::zip(E->captures(), E->capture_inits()))
      if (Init && !(Capture.capturesVariable() && Capture.getCaptureKind() == LCK_ByRef))
        TraverseStmt(Init);
    return true;
  }
  bool VisitDeclRefExpr(DeclRefExpr *E) {
    Copied.insert(E->getDecl());
    return true;
  }
  bool VisitCallExpr(CallExpr *E) {
    bool Makes = !Made.isNull() && E->getType().getCanonicalType().getUnqualifiedType() == Made;
    const FunctionDecl *Callee = E->getDirectCallee();
    bool Casts = Callee && (Callee->getBuiltinID() == Builtin::BImove || Callee->getBuiltinID() == Builtin::BIforward ||
                            Callee->getBuiltinID() == Builtin::BIaddressof);
    if (!Makes && !Casts && E != Root && !isa<CXXOperatorCallExpr>(E))
      Plain = false;
    return true;
  }
  bool VisitCXXNewExpr(CXXNewExpr *) { return Plain = false, true; }
  bool VisitBinaryOperator(BinaryOperator *B) { return Plain &= !B->isAssignmentOp(), true; }

  bool Plain = false;
  Declarations Copied;

private:
  QualType Made;
  const Expr *Root = nullptr;
};

/// Whether something may move past a statement, and how the statement may leave.
class Crossing : public RecursiveASTVisitor<Crossing> {
public:
  explicit Crossing(const Stmt &S) {
    if (const auto *Declares = dyn_cast<DeclStmt>(&S))
      Fixed = !llvm::all_of(Declares->decls(), [](const Decl *D) { return isa<VarDecl>(D); });
    Fixed |= isa<SwitchCase>(S);
    if (const auto *Test = dyn_cast<IfStmt>(&S); Test && !Test->getElse() && leaves(Test->getThen())) {
      Ways = 1;
      for (const Stmt *Part : {Test->getInit(), static_cast<const Stmt *>(Test->getConditionVariableDeclStmt()),
                               static_cast<const Stmt *>(Test->getCond())})
        TraverseStmt(const_cast<Stmt *>(Part));
      uint32_t Asked = Ways;
      TraverseStmt(const_cast<Stmt *>(Test->getThen()));
      Ways = Asked;
    } else {
      TraverseStmt(const_cast<Stmt *>(&S));
    }
  }

  bool TraverseLambdaExpr(LambdaExpr *) { return true; }
  bool VisitGotoStmt(GotoStmt *) { return Fixed = true; }
  bool VisitIndirectGotoStmt(IndirectGotoStmt *) { return Fixed = true; }
  bool VisitLabelStmt(LabelStmt *) { return Fixed = true; }
  bool VisitAsmStmt(AsmStmt *) { return Fixed = true; }
  bool VisitCoroutineSuspendExpr(CoroutineSuspendExpr *) { return Fixed = true; }
  bool VisitReturnStmt(ReturnStmt *) { return ++Ways; }
  bool VisitBreakStmt(BreakStmt *) { return ++Ways; }
  bool VisitContinueStmt(ContinueStmt *) { return ++Ways; }
  bool VisitCXXThrowExpr(CXXThrowExpr *) { return ++Ways; }
  bool VisitCallExpr(CallExpr *E) {
    // A question to an object, as `file.is_open()` or `p == nullptr`.
    const auto *Method = dyn_cast_or_null<CXXMethodDecl>(E->getDirectCallee());
    return isa<CXXOperatorCallExpr>(E) || (Method && Method->isConst()) || ++Ways;
  }
  bool VisitBinaryOperator(BinaryOperator *B) { return !B->isLogicalOp() || ++Ways; }
  bool VisitVarDecl(VarDecl *) { return true; }

  static bool leaves(const Stmt *S) {
    if (const auto *Block = dyn_cast<CompoundStmt>(S))
      return !Block->body_empty() && leaves(Block->body_back());
    if (const auto *Full = dyn_cast<ExprWithCleanups>(S))
      S = Full->getSubExpr();
    return isa<ReturnStmt, BreakStmt, ContinueStmt, CXXThrowExpr>(S);
  }

  bool Fixed = false;
  uint32_t Ways = 0;
};

/// The line break behind, if nothing but a comment stands between.
std::optional<size_t> lineEnd(StringRef Buffer, size_t Offset) {
  size_t Next = Buffer.find('\n', Offset);
  if (Next == StringRef::npos)
    return std::nullopt;
  StringRef Rest = Buffer.slice(Offset, Next).trim();
  bool Comment = Rest.starts_with("//") || (Rest.starts_with("/*") && Rest.find("*/") == Rest.size() - 2);
  if (!(Rest.empty() || Comment) || Rest.ends_with("\\"))
    return std::nullopt;
  return Next;
}

struct Extent {
  size_t Begin, End;
};

/// The whole lines of what has them for itself, with the line break before them: what is left where they are taken away
/// is a line that ends as it did, which no formatting looks at.
std::optional<Extent> wholeLines(StringRef Buffer, Extent Of) {
  size_t Before = Buffer.take_front(Of.Begin).rfind('\n');
  std::optional<size_t> End = lineEnd(Buffer, Of.End);
  if (!End || Before == StringRef::npos || !Buffer.slice(Before, Of.Begin).trim().empty())
    return std::nullopt;
  return Extent{Before, *End};
}

bool hasDirective(StringRef Text) {
  llvm::SmallVector<StringRef> Lines;
  Text.split(Lines, '\n');
  return llvm::any_of(Lines, [](StringRef Line) { return Line.ltrim().starts_with("#"); });
}

/// The statements of a block as they stand on its lines.
class Layout {
public:
  Layout(const CompoundStmt &Block, ASTContext &Context, Sources &Places)
      : Manager(Context.getSourceManager()), Places(Places), Begin(Block.getLBracLoc()), End(Block.getRBracLoc()) {
    if (!Begin.isFileID() || !End.isFileID() || Manager.getFileID(Begin) != Manager.getFileID(End) ||
        Places.isSystem(Begin))
      return;
    File = Manager.getFileID(Begin);
    bool Invalid = false;
    Buffer = Manager.getBufferData(File, &Invalid);
    for (const Stmt *Child : Block.body())
      if (!add(*Child))
        return;
    Valid = !Invalid;
  }

  bool valid() const { return Valid; }
  size_t size() const { return Extents.size(); }

  std::optional<Extent> lines(size_t Index) const { return wholeLines(Buffer, Extents[Index]); }
  /// The end of the line of what comes before the statement of that number; of the last one's, for the count of
  /// statements.
  std::optional<size_t> before(size_t Index) const {
    return lineEnd(Buffer, Index == 0 ? Manager.getFileOffset(Begin) + 1 : Extents[Index - 1].End);
  }
  bool hasDirective(size_t From, size_t To) const { return lower::hasDirective(Buffer.slice(From, To)); }
  ir::Range range(size_t From, size_t To) const { return Places.range(File, From, To); }
  StringRef text(Extent Of) const { return Buffer.slice(Of.Begin, Of.End); }
  /// The end of the line of the closing brace.
  std::optional<size_t> behind() const { return lineEnd(Buffer, Manager.getFileOffset(End) + 1); }

private:
  bool add(const Stmt &S) {
    // An invocation of a macro that is the whole statement moves with it.
    SourceRange Whole(Manager.getExpansionLoc(S.getBeginLoc()), Manager.getExpansionRange(S.getEndLoc()).getEnd());
    ir::Range At = Places.statement(Whole);
    if (!At.valid() || Manager.getFileID(Whole.getBegin()) != File || Manager.getFileID(Whole.getEnd()) != File)
      return false;
    Extent New{At.Offset, size_t(At.Offset) + At.Length};
    // One macro may make several statements.
    if (!Extents.empty() && New.Begin < Extents.back().End)
      return false;
    Extents.push_back(New);
    return true;
  }
  const SourceManager &Manager;
  Sources &Places;
  SourceLocation Begin, End;
  FileID File;
  StringRef Buffer;
  std::vector<Extent> Extents;
  bool Valid = false;
};

bool meet(const Declarations &A, const Declarations &B) {
  return llvm::any_of(A, [&](const ValueDecl *D) { return B.contains(D); });
}

/// Walks away from a statement, past one neighbour after the other.
class Walk {
public:
  Walk(const Stmt &S, ASTContext &Context) : Moved(S), Made(S), Context(Context), Lives(isa<DeclStmt>(S)) {
    if (const auto *Call = dyn_cast<CXXMemberCallExpr>(&S))
      if (const auto *Object = dyn_cast<DeclRefExpr>(Call->getImplicitObjectArgument()->IgnoreParenCasts()))
        Changes.insert(Object->getDecl());
  }

  bool movable() const { return Made.Plain; }
  /// Past one more statement; false where that is as far as it goes.
  bool past(const Stmt &S, ir::Slot &So) {
    Crossing Way(S);
    Names Other(S);
    Declarations Changed, Own;
    changes(S, Changed, Own);
    if (Way.Fixed || meet(Made.Copied, Changed) || meet(Changes, Other.All) || meet(Moved.All, Other.Declared) ||
        meet(Moved.Declared, Other.All))
      return false;
    So.Ways += Way.Ways;
    if (const auto *Test = dyn_cast<IfStmt>(&S); Test && Test->getCond())
      So.Tested |= meet(Moved.All, Names(*Test->getCond()).All);
    if (const auto *Declares = dyn_cast<DeclStmt>(&S); Declares && Lives)
      So.Objects += llvm::count_if(Declares->decls(), [&](const Decl *D) {
        const auto *Var = cast<VarDecl>(D);
        return !Var->isStaticLocal() && (Var->needsDestruction(Context) || Var->getType()->isReferenceType());
      });
    return true;
  }
  const Names Moved;

private:
  const Making Made;
  ASTContext &Context;
  bool Lives;           ///< Its end has its place among others.
  Declarations Changes; ///< At once.
};

std::vector<std::string> sorted(const Names &Of) {
  std::vector<std::string> Result;
  for (const ValueDecl *D : Of.All)
    if (!Of.Declared.contains(D))
      Result.push_back(D->getNameAsString());
  if (Of.This)
    Result.push_back("this");
  llvm::sort(Result);
  return Result;
}

} // namespace

std::optional<ir::MovableCode> movable(const CompoundStmt &Block, size_t Index, ASTContext &Context, Sources &Places) {
  Layout Lines(Block, Context, Places);
  std::optional<Extent> Own = Lines.valid() ? Lines.lines(Index) : std::nullopt;
  const Stmt *const *Body = Block.body_begin();
  Walk Down(*Body[Index], Context);
  if (!Own || !Down.movable() || Lines.hasDirective(Own->Begin, Own->End))
    return std::nullopt;
  ir::MovableCode Result;
  Result.Lines = Lines.range(Own->Begin, Own->End);
  Result.Text = Lines.text(*Own).str();
  Result.Names = sorted(Down.Moved);
  if (const auto *Declares = dyn_cast<DeclStmt>(Body[Index]))
    Result.Unused = llvm::none_of(Declares->decls(), [](const Decl *D) { return D->isReferenced(); });
  auto Place = [&](size_t Before, ir::Slot &So) {
    std::optional<size_t> At = Lines.before(Before);
    if (!At || Lines.hasDirective(std::min(*At, Own->Begin), std::max(*At, Own->End)))
      return false;
    So.At = Lines.range(*At, *At);
    return true;
  };
  ir::Slot So;
  for (size_t I = Index; I > 0 && Down.past(*Body[I - 1], So) && Place(I - 1, So); --I)
    Result.Slots.insert(Result.Slots.begin(), So);
  So = {};
  for (size_t I = Index + 1; I < Lines.size() && !Crossing::leaves(Body[I]); ++I)
    if (Down.past(*Body[I], So) && Place(I + 1, So))
      Result.Slots.push_back(So);
    else
      break;
  return Result;
}

ir::Range outside(const CompoundStmt &Inner, size_t Index, const CompoundStmt &Outer, ASTContext &Context,
                  Sources &Places) {
  Layout Lines(Inner, Context, Places), Around(Outer, Context, Places);
  if (!Lines.valid() || !Around.valid())
    return {};
  Names Moved(*Inner.body_begin()[Index]);
  Declarations Local;
  for (const Stmt *Child : Inner.body())
    if (const auto *Declares = dyn_cast<DeclStmt>(Child); Declares && Child != Inner.body_begin()[Index])
      for (const Decl *D : Declares->decls()) {
        const auto *Var = dyn_cast<VarDecl>(D);
        if (!Var)
          return {};
        Local.insert(Var);
      }
  if (meet(Moved.All, Local))
    return {};
  // Its own name must be free there.
  for (const Stmt *Child : Outer.body())
    if (const auto *Declares = dyn_cast<DeclStmt>(Child))
      for (const Decl *D : Declares->decls())
        if (const auto *Other = dyn_cast<NamedDecl>(D);
            !Other || llvm::any_of(Moved.Declared,
                                   [&](const ValueDecl *Own) { return Own->getDeclName() == Other->getDeclName(); }))
          return {};
  std::optional<size_t> At = Lines.behind();
  std::optional<Extent> Own = Lines.lines(Index);
  if (!At || !Own || Lines.hasDirective(Own->Begin, *At))
    return {};
  return Lines.range(*At, *At);
}

std::optional<ir::MovableCode> movable(const FieldDecl &Field, ASTContext &Context, Sources &Places) {
  const SourceManager &Manager = Context.getSourceManager();
  const auto *Class = dyn_cast<CXXRecordDecl>(Field.getParent());
  SourceRange Braces = Field.getParent()->getBraceRange();
  const FieldDecl *Last = nullptr;
  for (const FieldDecl *Other : Field.getParent()->fields()) {
    if (Other != &Field && Other->getBeginLoc() == Field.getBeginLoc())
      return std::nullopt; // `std::thread first, second;`
    Last = Other;
  }
  // Who initialises an aggregate goes by the order.
  if (!Class || Class->isAggregate() || Last == &Field || Last->getAccess() != Field.getAccess() ||
      Field.isAnonymousStructOrUnion() || Last->isAnonymousStructOrUnion() || !Braces.getBegin().isFileID() ||
      !Field.getBeginLoc().isFileID() || !Last->getBeginLoc().isFileID())
    return std::nullopt;
  ir::Range Own = Places.statement(Field.getSourceRange()), Behind = Places.statement(Last->getSourceRange());
  FileID File = Manager.getFileID(Field.getBeginLoc());
  bool Invalid = false;
  StringRef Buffer = Manager.getBufferData(File, &Invalid);
  if (Invalid || Own.Macro || Behind.Macro || Own.File != Behind.File)
    return std::nullopt;
  std::optional<Extent> Lines = wholeLines(Buffer, {Own.Offset, size_t(Own.Offset) + Own.Length});
  std::optional<size_t> At = lineEnd(Buffer, size_t(Behind.Offset) + Behind.Length);
  if (!Lines || !At || hasDirective(Buffer.slice(Lines->Begin, *At)))
    return std::nullopt;
  ir::MovableCode Result;
  Result.Lines = Places.range(File, Lines->Begin, Lines->End);
  Result.Text = Buffer.slice(Lines->Begin, Lines->End).str();
  Result.Slots.push_back({Places.range(File, *At, *At), 0, 0});
  return Result;
}

} // namespace latchkey::lower
