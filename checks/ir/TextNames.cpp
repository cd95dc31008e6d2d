#include "checks/ir/TextNames.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::ir::text {

using llvm::ArrayRef;
using llvm::StringRef;

ArrayRef<StringRef> words(Op) {
  static constexpr StringRef Words[] = {
      "init",    "add",    "done",  "wait",    "poll",   "drop",    "spawn",      "join",    "detach",  "arm",
      "dismiss", "fire",   "lock",  "trylock", "unlock", "acquire", "tryacquire", "release", "set",     "get",
      "notify",  "await",  "reset", "declare", "assign", "use",     "write",      "escape",  "destroy", "push",
      "pop",     "resize", "clear", "swap",    "call",   "invoke",  "exit",       "block"};
  static_assert(std::size(Words) == size_t(Op::Block) + 1);
  return Words;
}

ArrayRef<StringRef> words(Type::Kind) {
  static constexpr StringRef Words[] = {"other",   "number",  "pointer", "container", "callable", "class",
                                        "handle",  "counter", "guard",   "locker",    "mutex",    "semaphore",
                                        "promise", "future",  "signal",  "pool"};
  static_assert(std::size(Words) == size_t(Type::Kind::Pool) + 1);
  return Words;
}

ArrayRef<StringRef> words(Type::Ending) {
  static constexpr StringRef Words[] = {"nothing", "terminate", "leak", "join", "detach"};
  return Words;
}

ArrayRef<StringRef> words(Variable::Kind) {
  static constexpr StringRef Words[] = {"local", "parameter", "capture", "this", "temporary", "result"};
  return Words;
}

ArrayRef<StringRef> words(Sequence::Kind) {
  static constexpr StringRef Words[] = {"plain", "block", "body", "full"};
  return Words;
}

ArrayRef<StringRef> words(Loop::Kind) {
  static constexpr StringRef Words[] = {"for", "while", "do"};
  return Words;
}

ArrayRef<Flag<Effect>> effectFlags() {
  static constexpr Flag<Effect> Flags[] = {
      {"virtual", &Effect::Virtual}, {"noreturn", &Effect::NoReturn}, {"nothrow", &Effect::NoThrow},
      {"system", &Effect::System},   {"timed", &Effect::Timed},       {"initial", &Effect::Initial},
      {"shared", &Effect::Shared},   {"ends", &Effect::Ends},         {"harmless", &Effect::Harmless},
      {"lasting", &Effect::Lasting}, {"forks", &Effect::Forks}};
  return Flags;
}

ArrayRef<Flag<Type>> typeFlags() {
  static constexpr Flag<Type> Flags[] = {{"shares", &Type::SharedCopies},
                                         {"owning", &Type::Owning},
                                         {"reference", &Type::Reference},
                                         {"singleuse", &Type::SingleUse},
                                         {"barrier", &Type::Barrier},
                                         {"reentrant", &Type::Reentrant},
                                         {"dismissable", &Type::Dismissable},
                                         {"atomic", &Type::Atomic},
                                         {"byshape", &Type::ByShape},
                                         {"keyed", &Type::Keyed},
                                         {"stops", &Type::Stops},
                                         {"apart", &Type::Apart},
                                         {"doubles", &Type::Doubles}};
  return Flags;
}

ArrayRef<Flag<Variable>> variableFlags() {
  static constexpr Flag<Variable> Flags[] = {
      {"static", &Variable::Static}, {"byref", &Variable::CapturedByReference}, {"bymove", &Variable::CapturedByMove}};
  return Flags;
}

ArrayRef<Flag<Function>> functionFlags() {
  static constexpr Flag<Function> Flags[] = {{"noreturn", &Function::NoReturn},
                                             {"noexcept", &Function::NoExcept},
                                             {"lambda", &Function::Lambda},
                                             {"constructor", &Function::Constructor},
                                             {"destructor", &Function::Destructor},
                                             {"virtual", &Function::Virtual},
                                             {"coroutine", &Function::Coroutine},
                                             {"internal", &Function::Internal},
                                             {"system", &Function::System},
                                             {"deferred", &Function::Deferred},
                                             {"locks", &Function::LocksForCaller},
                                             {"test", &Function::Test},
                                             {"ownscaptures", &Function::OwnsCaptures},
                                             {"capturesall", &Function::CapturesAll}};
  return Flags;
}

ArrayRef<Flag<Class>> classFlags() {
  static constexpr Flag<Class> Flags[] = {{"userdestructor", &Class::UserDestructor},
                                          {"internal", &Class::Internal},
                                          {"copyable", &Class::Copyable},
                                          {"movable", &Class::Movable},
                                          {"open", &Class::Open}};
  return Flags;
}

bool isReserved(StringRef Word) {
  static constexpr StringRef Words[] = {"_",       "amount",     "args",    "armed",     "at",     "by",     "callee",
                                        "closure", "const",      "copy",    "default",   "false",  "fresh",  "in",
                                        "index",   "joinable",   "move",    "address",   "number", "opaque", "reads",
                                        "size",    "step",       "test",    "trip",      "true",   "when",   "normal",
                                        "throw",   "exhaustive", "endless", "constexpr", "node",   "nodes",  "none"};
  return llvm::is_contained(Words, Word) ||
         llvm::any_of(effectFlags(), [&](const Flag<Effect> &F) { return F.Word == Word; });
}

bool isNameStart(char C) {
  return llvm::isAlpha(C) || C == '_' || C == '$' || C == '~' || (C & 0x80);
}

bool isNameChar(char C) {
  return C != '~' && (isNameStart(C) || llvm::isDigit(C));
}

bool isPlainName(StringRef Name) {
  while (true) {
    if (Name.empty() || !isNameStart(Name.front()))
      return false;
    Name = Name.drop_front().drop_while(isNameChar);
    if (Name.empty())
      return true;
    if (!Name.consume_front("::"))
      return false;
  }
}

bool countsThings(Op O) {
  switch (O) {
  case Op::Init:
  case Op::Add:
  case Op::Done:
  case Op::Drop:
  case Op::Acquire:
  case Op::TryAcquire:
  case Op::Release:
  case Op::Resize:
    return true;
  default:
    return false;
  }
}

Term defaultAmount(Op O) {
  return countsThings(O) && O != Op::Init && O != Op::Resize ? Term::constant(1) : Term::unknown();
}

std::vector<const Monomial *> readingOrder(const Term &T) {
  std::vector<const Monomial *> Order, Negative, Constant;
  for (const Monomial &Mono : T.Sum)
    (Mono.Factors.empty() ? Constant : Mono.Coefficient < 0 ? Negative : Order).push_back(&Mono);
  if (Order.empty() && !Constant.empty() && Constant[0]->Coefficient > 0)
    Order.swap(Constant);
  Order.insert(Order.end(), Negative.begin(), Negative.end());
  Order.insert(Order.end(), Constant.begin(), Constant.end());
  return Order;
}

uint32_t mainFile(const Module &M) {
  auto It = llvm::find_if(M.Files, [&](const File &F) { return F.Path == M.MainFile; });
  return It == M.Files.end() ? 0 : uint32_t(It - M.Files.begin());
}

} // namespace latchkey::ir::text
