#include "checks/flow/Link.h"

#include "checks/flow/FunctionPointers.h"
#include "checks/flow/References.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"

#include <functional>
#include <map>

namespace latchkey::flow {

namespace {

/// Rewrites what a unit calls things to what the program calls them.
class Renaming : public References<Renaming> {
public:
  std::vector<uint32_t> Files, Globals, Types;
  std::function<void(std::string &)> Callee;

  void file(uint32_t &Index) const { replace(Index, Files); }
  void global(uint32_t &Index) const { replace(Index, Globals); }
  void type(uint32_t &Index) const { replace(Index, Types); }
  void function(std::string &Id) const {
    if (Callee)
      Callee(Id);
  }

private:
  static void replace(uint32_t &Index, const std::vector<uint32_t> &By) {
    if (Index < By.size())
      Index = By[Index];
  }
};

class Linker {
public:
  explicit Linker(LinkStatistics &Stats) : Stats(Stats) { Program.Types.assign(1, {}); }

  ir::Module run(std::vector<ir::Module> Units) {
    llvm::sort(Units, [](const ir::Module &A, const ir::Module &B) { return A.MainFile < B.MainFile; });
    Stats.Units = unsigned(Units.size());
    Program.CPlusPlus = false;
    for (ir::Module &Unit : Units)
      add(Unit);
    finish();
    return std::move(Program);
  }

private:
  void add(ir::Module &Unit) {
    Renaming Names;
    addFiles(Unit, Names);
    addTypes(Unit, Names);
    for (ir::Global &G : Unit.Globals)
      Names.Globals.push_back(addGlobal(G, Names));
    addFunctions(Unit, Names);
    for (ir::Class &C : Unit.Classes)
      addClass(C, Names);
    Program.CPlusPlus |= Unit.CPlusPlus;
    Program.Stats.FunctionsSeen += Unit.Stats.FunctionsSeen;
    Program.Stats.FunctionsLowered += Unit.Stats.FunctionsLowered;
    Program.Stats.Opaque += Unit.Stats.Opaque;
  }

  void addFiles(const ir::Module &Unit, Renaming &Names) {
    for (const ir::File &F : Unit.Files) {
      auto [Found, New] = FileIndex.try_emplace(F.Path, uint32_t(Program.Files.size()));
      Names.Files.push_back(Found->second);
      if (New) {
        Program.Files.push_back(F);
        Program.Files.back().CPlusPlus = Unit.CPlusPlus;
        Program.Files.back().Standard = Unit.Standard;
      }
      ir::File &Known = Program.Files[Found->second];
      Known.Main |= F.Path == Unit.MainFile;
      Known.System &= F.System;
      // What all units have in common; C and C++ have no standard in common.
      Known.Standard = std::min(Known.Standard, Unit.Standard);
      Known.CPlusPlus &= Unit.CPlusPlus;
    }
  }

  void addTypes(const ir::Module &Unit, Renaming &Names) {
    Names.Types.assign(Unit.Types.size(), 0);
    std::vector<bool> Done(Unit.Types.size());
    auto Add = [&](auto &&Self, uint32_t Index) -> uint32_t {
      if (Index == 0 || Index >= Unit.Types.size() || Done[Index])
        return Index < Names.Types.size() ? Names.Types[Index] : 0;
      Done[Index] = true; // before its element, which may come back to it
      ir::Type T = Unit.Types[Index];
      T.Element = Self(Self, T.Element);
      auto [Found, New] = TypeIndex.try_emplace(T, uint32_t(Program.Types.size()));
      if (New)
        Program.Types.push_back(T);
      return Names.Types[Index] = Found->second;
    };
    for (uint32_t Index = 1; Index < Unit.Types.size(); ++Index)
      Add(Add, Index);
  }

  uint32_t addGlobal(ir::Global &G, Renaming &Names) {
    auto [Found, New] = GlobalIndex.try_emplace(G.Id, uint32_t(Program.Globals.size()));
    if (New) {
      Names(G);
      Program.Globals.push_back(std::move(G));
    }
    return Found->second;
  }

  void addFunctions(ir::Module &Unit, Renaming &Names) {
    for (ir::Function &F : Unit.Functions) {
      ++Stats.Functions;
      Names(F);
      std::vector<uint32_t> &Known = Definitions[F.Id];
      auto Same = llvm::find_if(Known, [&](uint32_t Index) { return Program.Functions[Index] == F; });
      if (Same != Known.end()) {
        ++Stats.Merged;
        UnitsOf[*Same].push_back(Unit.MainFile);
        continue;
      }
      Stats.Conflicting += !Known.empty();
      Known.push_back(uint32_t(Program.Functions.size()));
      UnitsOf.push_back({Unit.MainFile});
      Program.Functions.push_back(std::move(F));
    }
  }

  /// What several units define differently is a function of each unit. Which of them a caller elsewhere means, only the
  /// build knows: to it, the function is one that nobody sees.
  void tellApart() {
    llvm::StringMap<llvm::StringMap<std::string>> Names; // by id, then by unit
    llvm::StringMap<std::string> First;
    for (const auto &[Id, Known] : Definitions)
      if (Known.size() > 1)
        for (uint32_t Index : Known) {
          std::string Name = Id.str() + "@" + UnitsOf[Index].front();
          for (const std::string &Unit : UnitsOf[Index])
            Names[Id][Unit] = Name;
          First.try_emplace(Id, Name);
          ir::Function &F = Program.Functions[Index];
          F.Id = Name;
          if (F.Virtual) // A call by the common name may mean each of them.
            F.Overrides.insert(llvm::lower_bound(F.Overrides, Id), Id.str());
        }
    if (Names.empty())
      return;
    Renaming Calls;
    for (auto [F, Units] : llvm::zip(Program.Functions, UnitsOf)) {
      Calls.Callee = [&](std::string &Id) {
        auto Known = Names.find(Id);
        if (Known == Names.end())
          return;
        std::string Name = Known->second.lookup(Units.front());
        if (!Name.empty() &&
            llvm::all_of(Units, [&](const std::string &Unit) { return Known->second.lookup(Unit) == Name; }))
          Id = Name;
      };
      Calls(F);
    }
    auto Rename = [&](std::string &Id) {
      if (auto Known = First.find(Id); Known != First.end())
        Id = Known->second;
    };
    for (ir::Class &C : Program.Classes) { // any of them says what the class means to do
      Rename(C.Destructor);
      llvm::for_each(C.Methods, Rename);
    }
  }

  void addClass(ir::Class &C, Renaming &Names) {
    Names(C);
    auto [Found, New] = ClassIndex.try_emplace(C.Id, uint32_t(Program.Classes.size()));
    if (New) {
      Program.Classes.push_back(std::move(C));
      return;
    }
    ir::Class &Known = Program.Classes[Found->second];
    // A unit names the methods that it knows, and the parts that it has a use for.
    for (std::string &Method : C.Methods)
      if (!llvm::is_contained(Known.Methods, Method))
        Known.Methods.push_back(std::move(Method));
    Known.Open |= C.Open;
    if (Known.Destructor.empty())
      Known.Destructor = std::move(C.Destructor);
    if (Known.Fields.size() < C.Fields.size())
      Known.Fields = std::move(C.Fields);
    else
      for (auto [Mine, Theirs] : llvm::zip(Known.Fields, C.Fields))
        if (Mine.Name == Theirs.Name && saysMore(Program.Types[Theirs.Type], Program.Types[Mine.Type]))
          Mine.Type = Theirs.Type;
  }

  /// Where one unit has only the declaration of what a field points to, another has the definition.
  static bool saysMore(const ir::Type &A, const ir::Type &B) {
    return B.K == ir::Type::Kind::Other ? A.K != B.K : A.K == B.K && A.Element != 0 && B.Element == 0;
  }

  void finish() {
    tellApart();
    auto ById = [](const auto &A, const auto &B) { return A.Id < B.Id; };
    llvm::sort(Program.Functions, ById);
    llvm::sort(Program.Classes, ById);
    for (ir::Class &C : Program.Classes)
      llvm::sort(C.Methods);
  }

  ir::Module Program;
  LinkStatistics &Stats;
  llvm::StringMap<uint32_t> FileIndex, GlobalIndex, ClassIndex;
  llvm::StringMap<std::vector<uint32_t>> Definitions; ///< Of each function, those that differ.
  std::vector<std::vector<std::string>> UnitsOf; ///< Main files of the units that have each of Program's functions.
  std::map<ir::Type, uint32_t> TypeIndex;
};

} // namespace

ir::Module link(std::vector<ir::Module> Units, LinkStatistics &Stats, bool Whole) {
  ir::Module Program = Linker(Stats).run(std::move(Units));
  resolveFunctionPointers(Program, Whole);
  if (!Whole)
    Program.MainFile = PartOfProgram;
  return Program;
}

} // namespace latchkey::flow
