#include "checks/flow/UnknownCallees.h"

#include "checks/flow/TreeWalk.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::flow {

using llvm::StringRef;
using Kind = ir::Type::Kind;

/// Clang's ids name the namespaces and classes of a function: `c:@N@acme@S@Pool@F@post#…`. The arguments of a template
/// are such names again, so what stands behind them is left out.
static std::string qualifiedName(StringRef Id, StringRef Shown) {
  std::string Name;
  llvm::SmallVector<StringRef> Parts;
  Id.split(Parts, '@');
  for (size_t I = 1; I + 1 < Parts.size(); I += 2) {
    StringRef Scope = Parts[I].split('>').first;
    if (!llvm::is_contained({"N", "S", "ST", "U"}, Scope))
      break;
    Name += Parts[I + 1].split('>').first;
    Name += "::";
    if (Parts[I + 1].contains('>'))
      break;
  }
  return Name + Shown.str();
}

namespace {

class Counting : public TreeWalk<Counting> {
public:
  Counting(const ir::Module &M, std::map<std::string, unsigned> &Into) : M(M), Into(Into) {}

  void function(const ir::Function &Of) {
    F = &Of;
    nodes(Of.Body.Children);
  }

private:
  friend TreeWalk<Counting>;

  void effect(const ir::Effect &E) {
    if (E.O != ir::Op::Call || E.Callee.empty() || E.Virtual || M.function(E.Callee))
      return;
    auto Given = static_cast<unsigned>(llvm::count_if(E.Args, [&](const ir::Value &V) { return matters(V); }));
    if (Given)
      Into[qualifiedName(E.Callee, E.Text)] += Given;
  }

  bool matters(const ir::Value &V) const {
    if (V.K == ir::Value::Kind::Closure)
      return true;
    bool Place = V.K == ir::Value::Kind::Copy || V.K == ir::Value::Kind::Move || V.K == ir::Value::Kind::Address;
    return Place && followed(M.typeOf(*F, V.P));
  }

  /// What is followed, or a pointer to it or container of it.
  bool followed(const ir::Type &T) const {
    const ir::Type *Each = &T;
    for (unsigned Depth = 0; Depth < 4 && (Each->K == Kind::Pointer || Each->K == Kind::Container); ++Depth)
      Each = &M.Types[Each->Element];
    return (Each->K >= Kind::Handle && !Each->ByShape) || Each->K == Kind::Callable;
  }

  const ir::Module &M;
  std::map<std::string, unsigned> &Into;
  const ir::Function *F = nullptr;
};

} // namespace

std::map<std::string, unsigned> unknownCallees(const ir::Module &M) {
  std::map<std::string, unsigned> All;
  Counting Calls(M, All);
  for (const ir::Function &F : M.Functions)
    if (!F.System && F.OpaqueReason.empty())
      Calls.function(F);
  return All;
}

} // namespace latchkey::flow
