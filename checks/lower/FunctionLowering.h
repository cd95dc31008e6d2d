// Lowering of one function's body. The implementation is split by idea: Statements, Declarations, Switches, Loops,
// Expressions, Initialise, Constructions, Conditions, ForFixes, Places, Terms, Values, Closures, Calls, HolderCalls,
// ModelCalls, Containers, Assignments, Constructors.
#pragma once

#include "checks/lower/ModuleLowering.h"
#include "checks/lower/TripCount.h"

#include "clang/AST/ExprCXX.h"
#include "clang/AST/StmtCXX.h"
#include "llvm/ADT/STLFunctionalExtras.h"

#include <map>
#include <optional>
#include <set>

namespace latchkey::lower {

/// What holds where C does not; its text says so, too.
void negate(ir::Condition &C);

class FunctionLowering {
public:
  FunctionLowering(ModuleLowering &, const clang::FunctionDecl &, ir::Function &);
  /// For what is no function: the initialisation of globals.
  FunctionLowering(ModuleLowering &, ir::Function &);
  void run();
  void runInitialisers(llvm::ArrayRef<const clang::VarDecl *>);

private:
  // FunctionLowering.cpp: variables, emission, full expressions, temporaries.

  /// While it lives, nodes go to another place.
  class Redirect {
  public:
    Redirect(FunctionLowering &L, ir::Nodes &To) : L(L), Saved(L.Out) { L.Out = &To; }
    ~Redirect() { L.Out = Saved; }
    Redirect(const Redirect &) = delete;
    Redirect &operator=(const Redirect &) = delete;

  private:
    FunctionLowering &L;
    ir::Nodes *Saved;
  };
  static ir::Value ofKind(ir::Value::Kind K) {
    ir::Value V;
    V.K = K;
    return V;
  }
  /// Where the temporaries of the full expression being lowered are cleaned up.
  struct FullExpression {
    ir::Nodes Top;
    bool HasCleanups = false;
  };
  /// A loop over all elements of a container, and what stands for the element in its body.
  struct ElementLoop {
    const CanonicalLoop &Loop;
    ir::Place Item;
  };
  /// Counts nesting; too deep makes the function opaque instead of overflowing our stack.
  class Nesting {
  public:
    explicit Nesting(FunctionLowering &L);
    ~Nesting() { --L.Depth; }
    bool tooDeep() const { return Deep; }

  private:
    FunctionLowering &L;
    bool Deep;
  };

  void signature();
  void overrides(const clang::CXXMethodDecl &);
  void captures(const clang::CXXRecordDecl &Lambda);
  void body();
  void opaque(std::string Reason);
  void checkGotos();

  uint32_t addVariable(ir::Variable::Kind, llvm::StringRef Name, clang::QualType, clang::SourceRange Where);
  ir::Place temporary(clang::QualType, clang::SourceRange Where);
  /// The variable's own place, made at the first mention.
  ir::Place variable(const clang::VarDecl &);
  std::optional<ir::Place> thisObject() const;
  std::optional<ir::Value> thisPointer() const;

  void emit(ir::Effect E);
  void emit(ir::Node N) { Out->push_back(std::move(N)); }
  template <typename T> void emit(T Kind, clang::SourceRange Where) {
    Out->push_back(ir::Node{std::move(Kind), range(Where)});
  }
  ir::Effect effect(ir::Op, ir::Place Subject, clang::SourceRange Where);
  void assign(const ir::Place &, ir::Value, clang::SourceRange Where, bool Initial);
  void write(const ir::Place &, clang::SourceRange Where, bool Initial = false);
  void destroy(const ir::Place &, clang::SourceRange Where);
  /// A cleanup that destroys, if the type asks for it.
  void cleanup(const ir::Place &, clang::QualType, clang::SourceRange Where,
               ir::Cleanup::Mask On = ir::Cleanup::Mask::Both);
  ir::Range range(clang::SourceRange R) { return Mod.Places.range(R); }

  /// Runs Body as one full expression: its temporaries die at the end.
  void fullExpression(clang::SourceRange, llvm::function_ref<void()> Body);
  /// An object of its own for a prvalue; dies with the full expression, or is handed over when Owned is false.
  ir::Place materialise(const clang::Expr &, bool Owned = true);
  ir::Place extended(const clang::MaterializeTemporaryExpr &);
  void cleanupExtended();
  void initialiseTemporary(const ir::Place &, const clang::Expr &, bool Owned);
  /// Whether A and B run at most one of them: If on Test.
  void branch(ir::Condition Test, clang::SourceRange, llvm::function_ref<void()> Then,
              llvm::function_ref<void()> Else = nullptr);

  // Statements.cpp
  void statement(const clang::Stmt *);
  void compound(const clang::CompoundStmt &, ir::Nodes &To);
  ir::Nodes block(const clang::Stmt *);
  /// A sequence of Kind Block around what Body emits.
  ir::Node scope(clang::SourceRange, bool Braced, llvm::function_ref<void()> Body);
  void declaration(const clang::DeclStmt &);
  void declareVariable(const clang::VarDecl &);
  void cleanupCall(const ir::Place &P, const clang::FunctionDecl &Callee, const clang::VarDecl &Var);
  void declareReference(const clang::VarDecl &);
  /// The type as the declaration writes it; invalid for `auto`.
  ir::Range spelledType(const clang::VarDecl &);
  void hides(const clang::VarDecl &, uint32_t Index);
  void declareStatic(const clang::VarDecl &);
  void structuredBinding(const clang::DecompositionDecl &);
  void lowerIf(const clang::IfStmt &);
  void lowerReturn(const clang::Stmt &, const clang::Expr *Value);
  /// `return a < b;` as a branch, so that callers know what the answer tells.
  void returnTest(const clang::Expr &, clang::SourceRange);
  /// First runs inside the try, before its block.
  void lowerTry(const clang::CXXTryStmt &, llvm::function_ref<void()> First = nullptr);
  void lowerAsm(const clang::AsmStmt &);
  void coroutine(const clang::CoroutineBodyStmt &);
  void expressionStatement(const clang::Expr &);
  void markSides(ir::Nodes &Full, uint32_t Type) const;
  // Switches.cpp
  void lowerSwitch(const clang::SwitchStmt &);
  void switchBody(const clang::SwitchStmt &, ir::Switch &);
  bool caseValues(const clang::SwitchCase &, ir::SwitchCase &);
  bool entriesOf(const clang::Stmt *Branch, ir::SwitchCase &);
  bool caseInBranch(const clang::IfStmt &, const clang::SwitchStmt &, ir::Switch &);
  // Loops.cpp
  void lowerFor(const clang::ForStmt &);
  void lowerWhile(const clang::WhileStmt &);
  void lowerDo(const clang::DoStmt &);
  void lowerRangeFor(const clang::CXXForRangeStmt &);
  std::optional<CanonicalLoop> canonical(const clang::Stmt &Loop);
  bool lowerElements(const CanonicalLoop &, const clang::Stmt &Loop, const clang::Stmt *Body);
  void loopTest(ir::Loop &, const clang::Expr *Test);
  void loopTrip(ir::Loop &, const clang::Stmt &);
  void genericRangeFor(const clang::CXXForRangeStmt &);
  void bindElement(const clang::DecompositionDecl &, const ir::Place &Item);

  // ForFixes.cpp
  /// The statement of that number, lowered to Nodes, where a fix may want to move it.
  void keepMovable(const clang::CompoundStmt &, size_t Index, llvm::ArrayRef<ir::Node> Nodes);
  static void markBare(ir::Nodes &, const ir::Range &Whole);
  void spellTemporary(const ir::Sequence &Full, const clang::Expr &);

  // Expressions.cpp
  /// Evaluates for side effects only.
  void effects(const clang::Expr *);
  void childEffects(const clang::Expr *);
  void shortCircuit(const clang::BinaryOperator &);
  void conditional(const clang::AbstractConditionalOperator &);
  void lowerThrow(const clang::CXXThrowExpr &);
  void lowerDelete(const clang::CXXDeleteExpr &);
  void statementExpression(const clang::StmtExpr &, llvm::function_ref<void(const clang::Expr &)> Last);
  void suspend(const clang::CoroutineSuspendExpr &);
  static const clang::Expr *strip(const clang::Expr *);

  // Initialise.cpp
  /// E initialises the object at Dest, which has type E's.
  void initialise(const ir::Place &Dest, const clang::Expr *E);
  /// Begins its life; an array has all of its elements at once.
  void declareObject(const ir::Place &, clang::QualType, clang::SourceRange);
  void construct(const ir::Place &Dest, const clang::CXXConstructExpr &);
  void constructWith(const ir::Place &Dest, clang::QualType, const clang::CXXConstructorDecl *,
                     llvm::ArrayRef<const clang::Expr *> Args, clang::SourceRange);
  bool constructModelled(const ir::Place &Dest, clang::QualType, const clang::CXXConstructorDecl *,
                         llvm::ArrayRef<const clang::Expr *> Args, clang::SourceRange);
  ir::Value lent(const clang::Expr &Arg, const clang::ParmVarDecl &);
  bool constructGuard(const ir::Place &Dest, clang::QualType, const clang::CXXConstructorDecl *,
                      llvm::ArrayRef<const clang::Expr *> Args, clang::SourceRange);
  bool constructPointer(const ir::Place &Dest, clang::QualType, llvm::ArrayRef<const clang::Expr *> Args,
                        clang::SourceRange);
  bool constructContainer(const ir::Place &Dest, clang::QualType, llvm::ArrayRef<const clang::Expr *> Args,
                          clang::SourceRange);
  void constructClass(const ir::Place &Dest, clang::QualType, const clang::CXXConstructorDecl *,
                      llvm::ArrayRef<const clang::Expr *> Args, clang::SourceRange);
  /// unique_ptr with a deleter of the user's and nothing but a pointer to hold.
  void armDeleter(const ir::Place &Dest, clang::QualType, const clang::Expr &Pointer, clang::SourceRange);
  bool armAggregate(const ir::Place &Dest, clang::QualType, llvm::ArrayRef<clang::Expr *> Inits, clang::SourceRange);
  bool initialiseList(const ir::Place &Dest, const clang::Expr &);
  void initialiseNew(const ir::Place &Dest, const clang::CXXNewExpr &);
  /// An object of type T at Dest made from Args as std::make_unique or emplace would.
  void emplace(const ir::Place &Dest, clang::QualType, llvm::ArrayRef<const clang::Expr *> Args, clang::SourceRange);
  /// Copy or move of an existing object.
  void transfer(const ir::Place &Dest, const clang::Expr &From, clang::SourceRange, bool Initial);

  // Conditions.cpp
  /// The test of a branch. Temporaries in it die before the branch is taken.
  ir::Condition condition(const clang::Expr *);
  ir::Condition condition(clang::SourceRange Where, llvm::function_ref<ir::Condition()> Tree);
  std::optional<ir::Condition> verdict(const clang::VarDecl &Var, const clang::Expr &Test);
  ir::Condition conditionTree(const clang::Expr *);
  ir::Condition leaf(const clang::Expr &);
  std::optional<ir::Predicate> predicate(const clang::Expr &);
  std::optional<ir::Predicate> comparison(const clang::Expr &Left, clang::BinaryOperatorKind, const clang::Expr &Right);
  std::optional<ir::Predicate> asked(const clang::Expr &);
  std::optional<ir::Predicate> askedIdentity(const clang::Expr &);
  bool asksSomething(const clang::Expr &);
  bool asksEmptiness(const clang::Expr &);
  std::optional<ir::Predicate> emptiness(const clang::Expr &);
  ir::Predicate opaqueTest(const clang::Expr &);
  void readPlaces(const clang::Stmt *, std::vector<ir::Place> &, bool &Pure, unsigned Depth);
  /// An opaque test whose answer is not a function of what it reads gets something new to read each time.
  ir::Predicate finished(ir::Predicate, bool Pure, const clang::Expr &);
  static ir::Predicate nonZero(const ir::Place &);

  // Places.cpp
  /// The object a glvalue names.
  std::optional<ir::Place> place(const clang::Expr *);
  /// The object a pointer (raw, smart, iterator) points to.
  std::optional<ir::Place> pointee(const clang::Expr *);
  std::optional<ir::Place> declPlace(const clang::ValueDecl &);
  std::optional<ir::Place> memberPlace(const clang::MemberExpr &);
  void isReally(const ir::Place &Object, clang::QualType Pointer);
  std::optional<ir::Place> castPlace(ir::Place, const clang::CastExpr &);
  std::optional<ir::Place> elementPlace(const clang::Expr &Container, const clang::Expr *Index);
  std::optional<ir::Place> operatorPlace(const clang::CXXOperatorCallExpr &);
  std::optional<ir::Place> conditionalPlace(const clang::AbstractConditionalOperator &);
  std::optional<ir::Place> binaryPlace(const clang::BinaryOperator &);
  /// What get<Index> gives of a tuple or pair.
  static ir::Place tuplePart(const ir::Place &Tuple, clang::QualType, uint64_t Index);
  bool isIterator(clang::QualType);
  /// The container an iterator expression walks over, if it is plain.
  std::optional<ir::Place> iterated(const clang::Expr &);
  std::optional<ir::Place> walkedObjects(const clang::Expr &);
  std::string indexText(const clang::Expr *);
  /// The object of a member call.
  std::optional<ir::Place> object(const clang::Expr &Base, bool Arrow);
  static std::optional<ir::Place> target(const ir::Value &);
  bool isStable(const ir::Place &) const;

  // Terms.cpp
  ir::Term term(const clang::Expr *);
  ir::Term binaryTerm(const clang::BinaryOperator &);
  ir::Term valueAt(const ir::Place &) const;
  std::optional<int64_t> constant(const clang::Expr &) const;
  std::optional<ir::Place> sizeOf(const clang::Expr &);
  bool isNumber(clang::QualType) const;

  // Values.cpp
  /// What E passes on; evaluates it.
  ir::Value value(const clang::Expr *);
  ir::Value numberValue(const clang::Expr &);
  /// A test as a value: 1 or 0.
  ir::Value truth(const clang::Expr &);
  /// A comparison, a negation, a combination of them, or a call that asks (`joinable`, `empty`).
  bool isTest(const clang::Expr &);
  ir::Value chosen(const clang::AbstractConditionalOperator &);
  ir::Value pointerValue(const clang::Expr &);
  std::optional<ir::Value> allocated(const clang::CastExpr &);
  ir::Value classValue(const clang::Expr &);
  /// An argument for a parameter of this type (a null type: as std::thread and bind decay it).
  ir::Value argument(const clang::Expr &, clang::QualType Parameter);
  ir::Value decayed(const clang::Expr &);
  ir::Value addressOf(const clang::Expr &);
  /// The referent of std::ref, std::cref, boost::ref.
  const clang::Expr *referred(const clang::Expr &);
  // Views.cpp
  bool isView(clang::QualType);
  bool ownsElements(const clang::Expr &);
  /// The address of an element of what E, a view, an iterator or a pointer made by a method, leads into.
  std::optional<ir::Value> view(const clang::Expr &);
  std::optional<ir::Value> viewOf(const clang::Expr &);
  // Closures.cpp
  std::optional<ir::Value> closure(const clang::Expr *, llvm::ArrayRef<const clang::Expr *> Args = {});
  ir::Value lambda(const clang::LambdaExpr &, llvm::ArrayRef<const clang::Expr *> Args);
  std::optional<ir::Value> functionValue(const clang::Expr &);
  std::optional<ir::Value> boundValue(const clang::CallExpr &);
  std::optional<ir::Value> functor(const clang::Expr &, llvm::ArrayRef<const clang::Expr *> Args);
  /// A callable with the arguments it is run with, `this` first.
  ir::Value task(const clang::Expr &Callable, llvm::ArrayRef<const clang::Expr *> Args);
  std::string operationOf(const clang::CXXMethodDecl &);
  static std::string operation(ir::Op);

  // Calls.cpp
  /// What a call gave: an object in the place that was asked for, or a value.
  struct Called {
    bool Placed = false;
    ir::Value V;
  };
  /// A call with its parts where all kinds of call have them.
  struct Parts {
    const clang::Expr *E = nullptr;
    const clang::FunctionDecl *Callee = nullptr;
    const clang::Expr *Object = nullptr; ///< Of a method, glvalue or pointer.
    bool Arrow = false;
    std::vector<const clang::Expr *> Args;
    clang::SourceRange Where;
  };
  /// Dest: the object that the call's prvalue initialises, if there is one. Used: somebody looks at the value.
  Called call(const clang::CallExpr &, const ir::Place *Dest, bool Used);
  Parts parts(const clang::CallExpr &);
  /// The type of a method's object, without the pointer.
  static clang::QualType objectType(const clang::Expr *Object, bool Arrow);
  std::optional<Called> transparent(const Parts &, const ir::Place *Dest);
  std::optional<Called> callableCall(const Parts &, const ir::Place *Dest, bool Used);
  std::optional<Called> guardCall(const Parts &, const ir::Place *Dest, bool Used);
  std::optional<Called> makePointer(const Parts &, const ir::Place *Dest, bool Used);
  std::optional<Called> pointerCall(const Parts &, const ir::Place *Dest, bool Used);
  std::optional<Called> swapCall(const Parts &, const ir::Place *Dest, bool Used);
  std::optional<Called> forEachCall(const Parts &, const ir::Place *Dest, bool Used);
  void useCaptured(const ir::Value &, clang::SourceRange);
  Called plainCall(const Parts &, const ir::Place *Dest, bool Used, const model::FunctionModel * = nullptr);
  // Deferred.cpp: what is kept where guards are armed.
  void describeCall(ir::Effect &, const clang::FunctionDecl &, const model::FunctionModel *);
  bool keepsForGuard(const std::vector<ir::Value> &Args, const model::FunctionModel *) const;
  /// A guard by shape that asks whether an exception is in flight acts on one kind of exit only.
  void maskGuard(const ir::Place &, clang::QualType);
  void returnReads(const clang::Expr &, const clang::Stmt &, ir::Return &);
  bool keepCall(const Parts &, const std::vector<ir::Value> &Args);
  Called result(ir::Effect &, clang::QualType, const ir::Place *Dest, bool Used);
  std::vector<ir::Value> arguments(const Parts &);
  bool onlyFinds(const Parts &);
  bool isArmed(clang::QualType);
  // ModelCalls.cpp
  const model::FunctionModel *modelFor(const clang::FunctionDecl &, llvm::ArrayRef<const clang::Expr *> Args,
                                       clang::QualType Object);
  const model::FunctionModel *namedModel(const clang::FunctionDecl &, llvm::ArrayRef<const clang::Expr *> Args,
                                         clang::QualType Object);
  std::vector<std::string> argumentTypes(llvm::ArrayRef<const clang::Expr *>) const;
  /// One action's operands at a call.
  struct Bindings {
    explicit Bindings(const Parts &P) : P(P) {}
    const Parts &P;
    const ir::Place *Dest = nullptr;
    ir::Place Result; ///< Made when first needed.
    bool Used = false;
    std::map<unsigned, ir::Place> Places; ///< Of arguments that several actions speak of.
    std::optional<ir::Place> Object;
    bool HasObject = false;
  };
  Called modelCall(const model::FunctionModel &, const Parts &, const ir::Place *Dest, bool Used);
  bool freesObject(const Parts &);
  void execute(const model::Action &, Bindings &);
  /// Arguments that no action speaks of are evaluated all the same, and first.
  void otherArguments(const model::FunctionModel &, const Parts &);
  std::optional<ir::Place> operandPlace(const model::Operand &, Bindings &);
  ir::Term operandTerm(const model::Operand &, Bindings &);
  void knownThrows(const model::FunctionModel &, const Parts &);
  // Containers.cpp
  std::optional<Called> atomicCall(const Parts &, const ir::Place *Dest, bool Used);
  bool isPosition(const clang::Expr &);
  std::optional<Called> containerCall(const Parts &, const ir::Place *Dest, bool Used);
  void push(const ir::Place &Container, clang::QualType Element, llvm::ArrayRef<const clang::Expr *> Args, bool Emplace,
            clang::SourceRange);
  // Assignments.cpp
  void assignment(const clang::BinaryOperator &);
  void increment(const clang::UnaryOperator &);
  void assignTo(const ir::Place &, clang::QualType, const clang::Expr &From, clang::SourceRange);
  void handOver(const clang::Expr &);
  std::optional<Called> assignmentCall(const Parts &, const ir::Place *Dest, bool Used);

  // Constructors.cpp
  void constructorBody(const clang::CXXConstructorDecl &);
  void destructorBody(const clang::CXXDestructorDecl &);
  void initialisers(const clang::CXXConstructorDecl &);
  void initialiseMember(const ir::Place &Part, clang::QualType, const clang::Expr &Init);
  void defaultMembers(const clang::CXXRecordDecl &);
  void defaultPart(const ir::Place &, clang::QualType, clang::SourceRange);
  void implicitAssignment(const clang::CXXMethodDecl &);
  ir::Place fieldOfThis(const clang::FieldDecl &);
  ir::Place baseOf(const ir::Place &, const clang::CXXRecordDecl &Base);

  ModuleLowering &Mod;
  clang::ASTContext &Context;
  const clang::FunctionDecl *Decl; ///< Null for the initialisation of globals.
  ir::Function &F;

  ir::Nodes *Out = nullptr;
  FullExpression *Full = nullptr;
  ir::Range Statement;
  const clang::Expr *Alone = nullptr; ///< The expression that is a statement by itself.
  llvm::DenseSet<uint32_t> Armed;     ///< Objects given a callable to run at their end: guards, whatever their type.
  llvm::DenseMap<uint32_t, ir::Cleanup::Mask> GuardMasks; ///< Guards that act only on one kind of exit.
  unsigned Depth = 0;
  llvm::DenseMap<uint32_t, std::string> Lambdas; ///< Variables made of a lambda, with its body.
  bool HasGuard = false;                         ///< A guard other than a lock has been armed.
  bool Flat = false;                             ///< The first leaf of the next condition may emit in front of it.

  /// Variables of classes that the function declares, by class.
  llvm::DenseMap<const clang::CXXRecordDecl *, const clang::VarDecl *> LocalObjects;
  std::map<const clang::ValueDecl *, ir::Place> Bound;     ///< What a variable's name denotes.
  std::map<const clang::ValueDecl *, ir::Place> Iterators; ///< Iterator variables and the container they walk over.
  std::map<const clang::OpaqueValueExpr *, ir::Value> OpaqueValues;
  /// Temporaries that the declaration being lowered keeps alive.
  std::vector<const clang::MaterializeTemporaryExpr *> Extended;
  std::vector<ir::Place> ExtendedPlaces;
  std::vector<const ElementLoop *> Elements;        ///< Enclosing loops over all elements of a container.
  ir::Place This;                                   ///< Variable that holds `this`, or the captured object.
  bool ThisIsObject = false;                        ///< `*this` captured by copy.
  llvm::DenseSet<const clang::ValueDecl *> Changed; ///< Variables and fields that this function writes.
};

} // namespace latchkey::lower
