// Layout: magic, identity of the version, checksum of the index; the index: where each part stands, then keys in order
// with the part that each leads to; the parts. A part is what the program has in one file. Numbers are little endian.
#include "checks/flow/SummaryDb.h"

#include "checks/flow/Link.h"
#include "checks/flow/Program.h"
#include "checks/flow/References.h"
#include "checks/ir/Binary.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/EndianStream.h"
#include "llvm/Support/xxhash.h"

#include <map>
#include <set>

namespace latchkey::flow {

namespace endian = llvm::support::endian;
using llvm::StringRef;

static constexpr StringRef Magic = "LKDB";
static constexpr size_t IndexBegin = 4 + 8 + 8, PartsBegin = IndexBegin + 4 + 4;
static constexpr size_t PartSize = 8 + 8, KeySize = 8 + 4;

/// More than that is not read for one unit: an editor waits for it.
static constexpr size_t MostBytes = size_t(4) << 20;
static constexpr size_t MostFunctions = 3'000;
/// Who calls what is called from everywhere says little about it.
static constexpr size_t MostCallingFiles = 8, MostCallers = 12;

static uint64_t identity() {
  return llvm::xxh3_64bits(LATCHKEY_VERSION "/" + std::to_string(ir::Module::Version) + "/2");
}

/// What parts are found by: the functions in them, those of other parts that are named in them, the classes with
/// methods in them, the globals that they name, the file that they stand in.
enum class KeyOf : char { Function = 'f', Use = 'u', Class = 'c', Global = 'g', File = 'p' };
static uint64_t key(KeyOf Kind, StringRef Id) {
  return llvm::xxh3_64bits((llvm::Twine(char(Kind)) + Id).str());
}

namespace {

/// Copies functions of a program to a module of their own, with what they refer to.
class Extraction : public References<Extraction> {
public:
  explicit Extraction(const ir::Module &Program) : Program(Program) { Part.Types.emplace_back(); }

  void add(const ir::Function &F) {
    Part.Functions.push_back(F);
    (*this)(Part.Functions.back());
    need(F.Class);
  }
  ir::Module finish() {
    for (size_t Next = 0; Next < Classes.size(); ++Next) { // the list grows on the way
      ir::Class C = *Classes[Next];
      (*this)(C);
      for (const std::string &Base : C.Bases)
        need(Base);
      Part.Classes.push_back(std::move(C));
    }
    llvm::sort(Part.Classes, [](const ir::Class &A, const ir::Class &B) { return A.Id < B.Id; });
    return std::move(Part);
  }

  void file(uint32_t &Index) {
    if (Index >= Program.Files.size())
      return;
    auto [Found, New] = Files.try_emplace(Index, uint32_t(Part.Files.size()));
    if (New) {
      Part.Files.push_back(Program.Files[Index]);
      Part.Files.back().Main = false;
    }
    Index = Found->second;
  }
  void type(uint32_t &Index) {
    if (Index == 0 || Index >= Program.Types.size())
      return;
    auto [Found, New] = Types.try_emplace(Index, uint32_t(Part.Types.size()));
    uint32_t Mine = Found->second;
    if (New) {
      ir::Type T = Program.Types[Index];
      Part.Types.push_back(T);
      type(T.Element);
      Part.Types[Mine].Element = T.Element;
      need(T.Class);
    }
    Index = Mine;
  }
  void global(uint32_t &Index) {
    if (Index >= Program.Globals.size())
      return;
    auto [Found, New] = Globals.try_emplace(Index, uint32_t(Part.Globals.size()));
    Index = Found->second;
    if (!New)
      return;
    ir::Global G = Program.Globals[Found->first];
    Part.Globals.push_back(G);
    (*this)(G);
    Part.Globals[Index] = std::move(G);
  }
  void function(std::string &) {}

private:
  void need(const std::string &Class) {
    if (!Class.empty() && Known.insert(Class).second)
      if (const ir::Class *C = Program.classById(Class))
        Classes.push_back(C);
  }

  const ir::Module &Program;
  ir::Module Part;
  llvm::DenseMap<uint32_t, uint32_t> Files, Types, Globals; ///< From the program's index to the part's.
  llvm::StringSet<> Known;
  std::vector<const ir::Class *> Classes;
};

/// What a function names.
class Mentions : public References<Mentions> {
public:
  Mentions(const ir::Module &M, const ir::Function &F) {
    (*this)(const_cast<ir::Function &>(F)); // References serves those who write, too
    forEachNode(F.Body, [&](const ir::Node &N) {
      const auto *E = N.as<ir::Effect>();
      if (E && E->O == ir::Op::Destroy)
        if (const ir::Class *C = M.classById(M.typeOf(F, E->Subject).Class); C && !C->Destructor.empty())
          Functions.insert(C->Destructor);
    });
  }
  void file(uint32_t &) {}
  void type(uint32_t &) {}
  void global(uint32_t &Index) { Globals.insert(Index); }
  void function(std::string &Id) { Functions.insert(Id); }

  std::set<std::string> Functions;
  std::set<uint32_t> Globals;
};

} // namespace

/// The file that a function's part is called after.
static std::string homeOf(const ir::Module &M, const ir::Function &F) {
  const ir::File *File = fileOf(M, F);
  return File ? File->Path : std::string();
}

std::string SummaryDb::write(const ir::Module &Program) {
  std::map<std::string, std::vector<const ir::Function *>> ByFile;
  for (const ir::Function &F : Program.Functions)
    if (F.Name != "main") // a part is no whole program
      ByFile[homeOf(Program, F)].push_back(&F);
  std::vector<std::string> Parts;
  std::set<std::pair<uint64_t, uint32_t>> Keys;
  for (const auto &[File, Functions] : ByFile) {
    auto Ordinal = uint32_t(Parts.size());
    Keys.insert({key(KeyOf::File, File), Ordinal});
    Extraction Part(Program);
    for (const ir::Function *F : Functions) {
      Part.add(*F);
      Keys.insert({key(KeyOf::Function, F->Id), Ordinal});
      if (!F->Class.empty())
        Keys.insert({key(KeyOf::Class, F->Class), Ordinal});
      Mentions Of(Program, *F);
      for (const std::string &Id : Of.Functions)
        if (const ir::Function *Used = Program.function(Id); Used && !Used->System && homeOf(Program, *Used) != File)
          Keys.insert({key(KeyOf::Use, Id), Ordinal});
      for (uint32_t Global : Of.Globals)
        if (!Program.Globals[Global].Internal)
          Keys.insert({key(KeyOf::Global, Program.Globals[Global].Id), Ordinal});
    }
    ir::Module M = Part.finish();
    M.MainFile = File;
    M.CPlusPlus = M.Files.empty() || M.Files.front().CPlusPlus;
    M.Standard = M.Files.empty() ? M.Standard : M.Files.front().Standard;
    Parts.push_back(ir::writeBinary(M));
  }
  std::string Index, Whole;
  llvm::raw_string_ostream IndexOut(Index), Out(Whole);
  endian::Writer Numbers(IndexOut, llvm::endianness::little), Header(Out, llvm::endianness::little);
  Numbers.write(uint32_t(Parts.size()));
  Numbers.write(uint32_t(Keys.size()));
  uint64_t At = PartsBegin + Parts.size() * PartSize + Keys.size() * KeySize;
  for (const std::string &Part : Parts) {
    Numbers.write(At);
    Numbers.write(uint64_t(Part.size()));
    At += Part.size();
  }
  for (const auto &[Key, Part] : Keys) {
    Numbers.write(Key);
    Numbers.write(Part);
  }
  Out << Magic;
  Header.write(identity());
  Header.write(llvm::xxh3_64bits(Index));
  Out << Index;
  for (const std::string &Part : Parts)
    Out << Part;
  return Whole;
}

llvm::Expected<SummaryDb> SummaryDb::open(std::unique_ptr<llvm::MemoryBuffer> Buffer) {
  StringRef Bytes = Buffer->getBuffer();
  if (!Bytes.starts_with(Magic) || Bytes.size() < PartsBegin)
    return llvm::createStringError("not a summary database");
  if (endian::read64le(Bytes.data() + 4) != identity())
    return llvm::createStringError("of another version of Latchkey");
  SummaryDb Db(std::move(Buffer));
  Db.Parts = endian::read32le(Bytes.data() + IndexBegin);
  Db.Keys = endian::read32le(Bytes.data() + IndexBegin + 4);
  size_t End = PartsBegin + Db.Parts * PartSize + Db.Keys * KeySize;
  if (End > Bytes.size() || llvm::xxh3_64bits(Bytes.slice(IndexBegin, End)) != endian::read64le(Bytes.data() + 12))
    return llvm::createStringError("damaged");
  return Db;
}

std::vector<uint32_t> SummaryDb::partsWith(uint64_t Key) const {
  const char *First = Bytes->getBufferStart() + PartsBegin + Parts * PartSize;
  auto At = [&](uint32_t Index) { return endian::read64le(First + size_t(Index) * KeySize); };
  uint32_t Low = 0, High = Keys;
  while (Low < High) {
    uint32_t Middle = Low + (High - Low) / 2;
    if (At(Middle) < Key)
      Low = Middle + 1;
    else
      High = Middle;
  }
  std::vector<uint32_t> Found;
  for (; Low < Keys && At(Low) == Key; ++Low)
    Found.push_back(endian::read32le(First + size_t(Low) * KeySize + 8));
  return Found;
}

StringRef SummaryDb::part(uint32_t Ordinal) const {
  if (Ordinal >= Parts)
    return {};
  const char *Entry = Bytes->getBufferStart() + PartsBegin + size_t(Ordinal) * PartSize;
  return Bytes->getBuffer().substr(endian::read64le(Entry)).take_front(endian::read64le(Entry + 8));
}

/// One walk from a unit through the parts that it leads to.
class Completion {
public:
  Completion(const SummaryDb &Db, ir::Module Given, SummaryDb::IsCurrent IsCurrent)
      : Db(Db), Unit(std::move(Given)), IsCurrent(IsCurrent) {
    for (const ir::File &F : Unit.Files)
      Own[F.Path] = F.Hash;
    for (const ir::Function &F : Unit.Functions)
      Defined.insert(F.Id);
    for (uint32_t Part : Db.partsWith(key(KeyOf::File, Unit.MainFile)))
      Loaded.try_emplace(Part); // it is open, and what it says now is in the unit
  }

  SummaryDb::Completed run() {
    seed();
    for (size_t Next = 0; Next < Pending.size() && Reached < MostFunctions; ++Next)
      for (uint32_t Part : Db.partsWith(key(KeyOf::Function, std::string(Pending[Next]))))
        if (ir::Module *M = load(Part))
          if (const ir::Function *F = M->function(Pending[Next]))
            reach(Part, *M, *F);
    std::string MainFile = Unit.MainFile;
    std::vector<ir::Module> All;
    All.push_back(std::move(Unit));
    for (auto &[Part, M] : Loaded) {
      if (!M || Taken[Part].empty())
        continue;
      const std::set<std::string> &Ids = Taken[Part];
      llvm::erase_if(M->Functions, [&](const ir::Function &F) { return !Ids.contains(F.Id); });
      M->MainFile = "~" + M->MainFile; // behind the unit, and not a file that is judged
      All.push_back(std::move(*M));
    }
    LinkStatistics Unused;
    ir::Module Linked = link(std::move(All), Unused, /*Whole=*/false);
    Linked.MainFile = std::move(MainFile);
    return {std::move(Linked), std::move(Judged)};
  }

private:
  void seed() {
    std::set<uint32_t> Globals;
    for (const ir::Function &F : Unit.Functions) {
      Judged.push_back(F.Id);
      Mentions Of(Unit, F);
      Globals.insert(Of.Globals.begin(), Of.Globals.end());
      for (const std::string &Id : Of.Functions)
        want(Id);
    }
    for (const ir::Function &F : Unit.Functions)
      if (F.Where.valid() && Unit.Files[F.Where.File].Path == Unit.MainFile)
        callers(F.Id);
    for (const ir::Class &C : Unit.Classes) {
      want(C.Destructor);
      for (uint32_t Part : Db.partsWith(key(KeyOf::Class, C.Id)))
        if (ir::Module *M = load(Part))
          for (const ir::Function &F : M->Functions)
            if (F.Class == C.Id)
              want(F.Id);
    }
    for (uint32_t Global : Globals)
      if (const ir::Global &G = Unit.Globals[Global]; !G.Internal)
        for (uint32_t Part : Db.partsWith(key(KeyOf::Global, G.Id)))
          if (ir::Module *M = load(Part))
            for (const ir::Function &F : M->Functions)
              if (llvm::any_of(Mentions(*M, F).Globals, [&](uint32_t I) { return M->Globals[I].Id == G.Id; }))
                want(F.Id);
  }

  /// What a function of the unit does may show where it is called.
  void callers(const std::string &Id) {
    std::vector<uint32_t> Calling = Db.partsWith(key(KeyOf::Use, Id));
    if (Calling.size() > MostCallingFiles)
      return;
    for (uint32_t Part : Calling)
      if (ir::Module *M = load(Part))
        for (const ir::Function &F : M->Functions)
          if (Callers.size() < MostCallers && !Defined.contains(F.Id) && Mentions(*M, F).Functions.contains(Id) &&
              Callers.insert(F.Id).second) {
            want(F.Id);
            Judged.push_back(F.Id);
          }
  }

  void want(const std::string &Id) {
    if (!Id.empty() && !Defined.contains(Id) && Seen.insert(Id).second)
      Pending.push_back(Id);
  }

  void reach(uint32_t Part, const ir::Module &M, const ir::Function &F) {
    ++Reached;
    Taken[Part].insert(F.Id);
    for (const std::string &Id : Mentions(M, F).Functions)
      want(Id);
  }

  ir::Module *load(uint32_t Part) {
    auto [Known, New] = Loaded.try_emplace(Part);
    StringRef Code = New ? Db.part(Part) : StringRef();
    if (Code.empty() || Bytes + Code.size() > MostBytes)
      return Known->second.get();
    Bytes += Code.size();
    auto M = ir::readBinary(Code);
    if (!M)
      llvm::consumeError(M.takeError()); // damaged: unknown
    else if (llvm::all_of(M->Files, [&](const ir::File &F) { return F.System || current(F); }))
      Known->second = std::make_unique<ir::Module>(std::move(*M));
    return Known->second.get();
  }

  bool current(const ir::File &F) {
    auto Mine = Own.find(F.Path);
    if (Mine != Own.end())
      return Mine->second == F.Hash;
    auto [Known, New] = Current.try_emplace(F.Path, false);
    if (New)
      Known->second = IsCurrent(F);
    return Known->second;
  }

  const SummaryDb &Db;
  ir::Module Unit;
  SummaryDb::IsCurrent IsCurrent;
  std::map<std::string, std::array<uint64_t, 2>> Own; ///< Files that the unit read, by path.
  std::map<std::string, bool> Current;
  llvm::StringSet<> Defined, Seen, Callers;
  std::vector<std::string> Pending;
  std::map<uint32_t, std::unique_ptr<ir::Module>> Loaded; ///< Null: not to be used.
  std::map<uint32_t, std::set<std::string>> Taken;
  std::vector<std::string> Judged;
  size_t Bytes = 0, Reached = 0;
};

SummaryDb::Completed SummaryDb::complete(ir::Module Unit, IsCurrent Current) const {
  return Completion(*this, std::move(Unit), Current).run();
}

} // namespace latchkey::flow
