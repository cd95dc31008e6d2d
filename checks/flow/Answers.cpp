#include "checks/flow/Answers.h"

#include "checks/flow/Completions.h"
#include "checks/flow/LockUses.h"
#include "checks/flow/Signals.h"
#include "checks/ir/Fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

#include <map>

namespace latchkey::flow {

namespace {

/// Bytes that stand for parts of a module, whatever their indices in it: where the IR has the index of a file, a type
/// or a global, here is what that says.
class Digester {
public:
  Digester(const ir::Module &M, llvm::function_ref<std::string(const ir::File &)> About) : M(M) {
    for (const ir::File &F : M.Files)
      Files.push_back(hashOf([&] {
        std::string More = About(F);
        put(F.Path, F.System, F.Main, F.CPlusPlus, F.Standard, More);
      }));
    types();
    for (const ir::Global &G : M.Globals)
      Globals.push_back(hashOf([&] {
        put(G.Id, G.Name, G.Internal, G.Constant, G.Where);
        type(G.Type);
      }));
  }

  uint64_t function(const ir::Function &F) {
    return hashOf([&] {
      ir::fields(*this, const_cast<ir::Function &>(F)); // fields() serves readers, too
      classAt(F.Class);
      type(F.ReturnType);
    });
  }
  uint64_t cls(const ir::Class &C) const { return Nodes[M.Types.size() + size_t(&C - M.Classes.data())]; }
  uint64_t file(uint32_t Index) const { return Index < Files.size() ? Files[Index] : 0; }

  /// What Write puts.
  template <typename T> uint64_t hashOf(T Write) {
    Bytes.clear();
    Write();
    return llvm::xxh3_64bits(Bytes.str());
  }
  template <typename... T> void put(const T &...Parts) { ((*this)(const_cast<T &>(Parts)), ...); }

  // What ir::fields asks for.
  template <typename T>
    requires std::is_arithmetic_v<T> || std::is_enum_v<T>
  void operator()(T &Number) {
    Bytes += llvm::StringRef(reinterpret_cast<const char *>(&Number), sizeof Number);
  }
  template <typename... Bools> void flags(Bools &...Each) { put(Each...); }
  void operator()(std::string &Text) {
    put(Text.size());
    Bytes += Text;
  }
  void operator()(ir::Range &R) { put(R.valid() ? file(R.File) : 0, R.Line, R.Column, R.Offset, R.Length, R.Macro); }
  void operator()(ir::Place &P) {
    if (P.R != ir::Place::Root::Global)
      return ir::fields(*this, P);
    put(P.Index < Globals.size() ? Globals[P.Index] : 0);
    (*this)(P.Path);
  }
  void operator()(ir::Variable &V) {
    put(V.K, V.Name, V.Static, V.CapturedByReference, V.CapturedByMove, V.Hides, V.Where, V.Statement, V.Spelled);
    type(V.Type);
  }
  template <typename T> void operator()(std::vector<T> &List) {
    put(List.size());
    for (T &One : List)
      (*this)(One);
  }
  template <typename T> void tree(std::vector<T> &List) { (*this)(List); }
  template <typename... T> void operator()(std::variant<T...> &V) {
    put(V.index());
    std::visit([&](auto &Alternative) { (*this)(Alternative); }, V);
  }
  template <typename T>
    requires std::is_class_v<T>
  void operator()(T &Object) {
    ir::fields(*this, Object);
  }

private:
  void type(uint32_t Index) { put(Index < M.Types.size() ? Nodes[Index] : 0); }
  void classAt(const std::string &Id) {
    const ir::Class *C = Id.empty() ? nullptr : M.classById(Id);
    put(C ? cls(*C) : 0);
  }

  /// Types and classes name each other in circles: those of a circle have one number. Nodes are the types, then the
  /// classes; strongly connected components by Tarjan (SIAM J. Comput. 1, 1972), without recursion.
  void types() {
    const size_t Count = M.Types.size() + M.Classes.size();
    std::vector<uint64_t> Own(Count);
    std::vector<std::vector<uint32_t>> Edges(Count);
    std::map<llvm::StringRef, uint32_t> FirstOf; // the type that a base of this class has, see Module::typeOf
    for (uint32_t I = 0; I < M.Types.size(); ++I)
      if (M.Types[I].K == ir::Type::Kind::Class)
        FirstOf.try_emplace(M.Types[I].Class, I);
    auto ToClass = [&](uint32_t From, const std::string &Id) {
      if (const ir::Class *C = Id.empty() ? nullptr : M.classById(Id))
        Edges[From].push_back(uint32_t(M.Types.size() + size_t(C - M.Classes.data())));
    };
    for (uint32_t I = 0; I < M.Types.size(); ++I) {
      ir::Type T = M.Types[I];
      if (T.Element != 0 && T.Element < M.Types.size())
        Edges[I].push_back(T.Element);
      ToClass(I, T.Class);
      T.Element = 0;
      Own[I] = hashOf([&] { put(T); });
    }
    for (const ir::Class &C : M.Classes) {
      auto I = uint32_t(M.Types.size() + size_t(&C - M.Classes.data()));
      for (const std::string &Base : C.Bases) {
        ToClass(I, Base);
        if (auto First = FirstOf.find(Base); First != FirstOf.end())
          Edges[I].push_back(First->second);
      }
      Own[I] = hashOf([&] {
        put(C.Id, C.Name, C.Bases, C.Destructor, C.Methods, C.UserDestructor, C.Internal, C.Copyable, C.Movable, C.Open,
            C.Where);
        for (const ir::Field &F : C.Fields) {
          put(F.Name, F.InClassInitialiser, F.Trivial, F.Private, F.Where);
          if (F.Type < M.Types.size())
            Edges[I].push_back(F.Type);
        }
      });
    }
    connect(Own, Edges);
  }

  void connect(const std::vector<uint64_t> &Own, const std::vector<std::vector<uint32_t>> &Edges) {
    constexpr uint32_t New = UINT32_MAX;
    Nodes.assign(Own.size(), 0);
    std::vector<uint32_t> Number(Own.size(), New), Low(Own.size()), Open;
    std::vector<bool> IsOpen(Own.size());
    std::vector<std::pair<uint32_t, size_t>> Path; // nodes, with the edge to follow next
    uint32_t Next = 0;
    for (uint32_t Start = 0; Start < Own.size(); ++Start) {
      if (Number[Start] == New)
        Path.push_back({Start, 0});
      while (!Path.empty()) {
        auto [N, Edge] = Path.back();
        if (Edge == 0) {
          Number[N] = Low[N] = Next++;
          Open.push_back(N);
          IsOpen[N] = true;
        } else if (uint32_t Last = Edges[N][Edge - 1]; IsOpen[Last]) {
          Low[N] = std::min(Low[N], Low[Last]);
        }
        if (Edge < Edges[N].size()) {
          ++Path.back().second;
          uint32_t To = Edges[N][Edge];
          if (Number[To] == New)
            Path.push_back({To, 0});
          continue;
        }
        Path.pop_back();
        if (Low[N] == Number[N])
          close(N, Own, Edges, Open, IsOpen);
      }
    }
  }

  /// The component that is on top of Open down to N is complete.
  void close(uint32_t N, const std::vector<uint64_t> &Own, const std::vector<std::vector<uint32_t>> &Edges,
             std::vector<uint32_t> &Open, std::vector<bool> &IsOpen) {
    auto First = llvm::find(Open, N);
    llvm::SmallVector<uint32_t> Members(First, Open.end());
    Open.erase(First, Open.end());
    for (uint32_t Member : Members)
      IsOpen[Member] = false;
    std::vector<uint64_t> Parts; // in an order that does not depend on indices
    for (uint32_t Member : Members)
      Parts.push_back(hashOf([&] {
        put(Own[Member]);
        for (uint32_t To : Edges[Member])
          put(llvm::is_contained(Members, To) ? Own[To] : Nodes[To]);
      }));
    std::vector<uint64_t> Sorted = Parts;
    llvm::sort(Sorted);
    for (auto [Member, Part] : llvm::zip(Members, Parts))
      Nodes[Member] = hashOf([&] { put(Part, Sorted); });
  }

  const ir::Module &M;
  llvm::SmallString<0> Bytes;
  std::vector<uint64_t> Files, Globals, Nodes;
};

} // namespace

/// Every part of the facts that Signals has; a fact that gets another part gets it here, too.
static void put(Digester &Into, FunctionFacts &&Facts) {
  auto Common = [&](const Fact &F) {
    Into.put(F.Subject, F.Where, F.Always, F.Path.size());
    for (const PathStep &S : F.Path)
      Into.put(S.K, S.Subject, S.Text, S.Flag, S.Lane, S.Where);
  };
  for (const auto *Waits : {&Facts.Unnotified, &Facts.Unpredicated})
    for (const SignalWait &W : *Waits) {
      Common(W);
      Into.put(W.Timed, W.Condition, W.Guarded, W.Starter, W.Wait);
    }
  for (const LostWakeup &L : Facts.LostWakeups) {
    Common(L);
    Into.put(L.State, L.Mutex, L.Late, L.Changed, L.Wait);
  }
  for (const DyingWaitObject &D : Facts.Dying) {
    Common(D);
    Into.put(D.Notify, D.Wait);
  }
  for (const MissingCompletion &C : Facts.Missing) {
    Common(C);
    Into.put(C.Completion, C.Wait, C.Signal, C.Flag, C.Given);
  }
  for (const LockedWait &L : Facts.LockedWaits) {
    Common(L);
    Into.put(L.K, L.Awaited, L.Taken, L.Needed, L.Invoked);
  }
}

Answers::Answers(const Program &P, llvm::function_ref<std::string(const ir::File &)> About) {
  const ir::Module &M = P.module();
  Digester Digest(M, About);
  std::map<std::string, FunctionList> ByFile;
  for (const ir::Function &F : M.Functions) {
    uint64_t Text = Digest.function(F);
    Functions[&F] = Digest.hashOf([&] {
      Digest.put(Text, P.interesting(F), P.judged(F), P.completions().isTask(F));
      if (const std::vector<std::string> *Types = P.throws(F))
        Digest.put(true, *Types);
      FunctionFacts Facts;
      P.signals().describe(F, Facts);
      put(Digest, std::move(Facts));
    });
    set(QuestionKind::Function, F.Id, Functions[&F]);
    if (const ir::File *File = F.System ? nullptr : fileOf(M, F))
      ByFile[File->Path].push_back(&F);
  }
  for (const auto &[Path, List] : ByFile)
    set(QuestionKind::File, Path, of(List));
  P.Index.forEachList([&](uint64_t Question, llvm::ArrayRef<const ir::Function *> List) { All[Question] = of(List); });
  P.Index.forEachDerived([&](uint64_t Question, llvm::ArrayRef<const ir::Class *> List) {
    All[Question] = Digest.hashOf([&] {
      for (const ir::Class *C : List)
        Digest.put(Digest.cls(*C));
    });
  });
  for (const auto &Entry : P.Overriders)
    set(QuestionKind::Overriders, Entry.first(), of(Entry.second));
  const LockUses &Locks = P.locks();
  for (const auto &[Mutex, List] : Locks.Unlocking)
    set(QuestionKind::Unlocking, Mutex, of(List));
  for (const auto &[Handle, Bodies] : Locks.Tasks)
    set(QuestionKind::Tasks, Handle, of(llvm::SmallVector<const ir::Function *>(Bodies.begin(), Bodies.end())));
  for (const std::string &Mutex : Locks.WithAttributes)
    set(QuestionKind::Attributes, Mutex, 1);
  for (const auto &[F, Summary] : Locks.Of)
    set(QuestionKind::Locking, F->Id, Digest.hashOf([&] {
      for (const auto &[Mutex, Taken] : Summary.Locks)
        Digest.put(Mutex, Taken.Where, Taken.Shared);
      for (const auto &[Of, Taken] : Summary.InvokedLocks)
        Digest.put(Of.first, Of.second, Taken.Where, Taken.Shared);
    }));
  llvm::SmallVector<const ir::Function *> Everything;
  for (const ir::Function &F : M.Functions)
    Everything.push_back(&F);
  set(QuestionKind::Everything, "", of(Everything));
  Common = Digest.hashOf([&] { Digest.put(P.isWhole(), P.hasMain(), M.MainFile, M.CPlusPlus, M.Standard); });
}

uint64_t Answers::of(llvm::ArrayRef<const ir::Function *> List) const {
  llvm::SmallVector<uint64_t> Each;
  for (const ir::Function *F : List)
    Each.push_back(Functions.at(F));
  return llvm::xxh3_64bits(llvm::StringRef(reinterpret_cast<const char *>(Each.data()), Each.size_in_bytes()));
}

std::string Answers::to(llvm::ArrayRef<uint64_t> Sorted) const {
  std::vector<uint64_t> Each = {Common};
  for (uint64_t Question : Sorted) {
    auto Known = All.find(Question);
    Each.push_back(Question);
    Each.push_back(Known == All.end() ? 0 : Known->second);
  }
  llvm::XXH128_hash_t Hash = llvm::xxh3_128bits(
      llvm::ArrayRef(reinterpret_cast<const uint8_t *>(Each.data()), Each.size() * sizeof(uint64_t)));
  return llvm::utohexstr(Hash.high64, /*LowerCase=*/true, 16) + llvm::utohexstr(Hash.low64, /*LowerCase=*/true, 16);
}

} // namespace latchkey::flow
