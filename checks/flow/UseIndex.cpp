#include "checks/flow/UseIndex.h"

#include "checks/flow/References.h"

#include "llvm/Support/xxhash.h"

namespace latchkey::flow {

using Kind = QuestionKind;

uint64_t question(Kind K, llvm::StringRef About) {
  llvm::SmallString<128> Text;
  Text += char(K);
  Text += About;
  // The two highest numbers are no keys of a DenseSet.
  return llvm::xxh3_64bits(Text.str()) >> 1;
}

namespace {

class Collector : public References<Collector> {
public:
  Collector(const ir::Module &M, std::unordered_map<uint64_t, FunctionList> &Lists) : M(M), Lists(Lists) {}

  void collect(const ir::Function &Of) {
    F = &Of;
    if (!Of.Class.empty())
      add(Kind::Methods, Of.Class);
    (*this)(const_cast<ir::Function &>(Of)); // References serves those who write, too
  }

  void file(uint32_t &) {}
  void type(uint32_t &) {}
  void global(uint32_t &Index) {
    if (Index < M.Globals.size())
      add(Kind::Global, M.Globals[Index].Id);
  }
  void function(std::string &Id) { add(Kind::Naming, Id); }
  void place(const ir::Place &P) {
    ir::Place Prefix;
    Prefix.R = P.R;
    Prefix.Index = P.Index;
    for (const ir::Step &S : P.Path) {
      if (S.K == ir::Step::Kind::Field)
        add(Kind::Field, UseIndex::field(M.typeOf(*F, Prefix).Class, S.Name));
      Prefix.Path.push_back(S);
    }
  }

private:
  void add(Kind K, llvm::StringRef About) {
    FunctionList &List = Lists[question(K, About)];
    if (List.empty() || List.back() != F)
      List.push_back(F);
  }

  const ir::Module &M;
  const ir::Function *F = nullptr;
  std::unordered_map<uint64_t, FunctionList> &Lists;
};

} // namespace

UseIndex::UseIndex(const ir::Module &M) {
  Collector All(M, Lists);
  for (const ir::Function &F : M.Functions)
    All.collect(F);
  for (const ir::Class &C : M.Classes)
    for (const std::string &Base : C.Bases)
      Derived[question(Kind::Derived, Base)].push_back(&C);
}

const FunctionList &UseIndex::functions(Kind K, llvm::StringRef About) const {
  static const FunctionList None;
  auto Found = Lists.find(question(K, About));
  return Found == Lists.end() ? None : Found->second;
}

llvm::ArrayRef<const ir::Class *> UseIndex::derived(llvm::StringRef Base) const {
  auto Found = Derived.find(question(Kind::Derived, Base));
  return Found == Derived.end() ? llvm::ArrayRef<const ir::Class *>() : llvm::ArrayRef(Found->second);
}

void UseIndex::forEachList(llvm::function_ref<void(uint64_t, llvm::ArrayRef<const ir::Function *>)> Visit) const {
  for (const auto &[Question, List] : Lists)
    Visit(Question, List);
}

void UseIndex::forEachDerived(llvm::function_ref<void(uint64_t, llvm::ArrayRef<const ir::Class *>)> Visit) const {
  for (const auto &[Question, List] : Derived)
    Visit(Question, List);
}

std::string sharedName(const ir::Module &M, const ir::Function &In, const ir::Place &At) {
  ir::Place Prefix;
  Prefix.R = At.R;
  Prefix.Index = At.Index;
  std::string Name = At.R == ir::Place::Root::Global ? M.Globals[At.Index].Id : std::string();
  bool Own = At.R == ir::Place::Root::Variable;
  for (const ir::Step &S : At.Path) {
    if (S.K == ir::Step::Kind::Field) {
      const ir::Type &T = M.typeOf(In, Prefix);
      if (!T.Class.empty() || Name.empty()) {
        Name = T.Class.empty() ? T.Name : T.Class;
        Own = false;
      }
      Name += ".";
      Name += S.Name;
    }
    Prefix.Path.push_back(S);
  }
  return Own ? std::string() : Name;
}

} // namespace latchkey::flow
