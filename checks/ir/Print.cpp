#include "checks/ir/Printer.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"

namespace latchkey::ir {

namespace text {

Printer::Printer(const Module &M, llvm::raw_ostream &Out, PrintRanges Ranges)
    : M(M), Out(Out), Ranges(Ranges), MainFile(mainFile(M)) {
  for (const Type &T : M.Types)
    ++TypeNames[T.Name];
  for (const Global &G : M.Globals)
    ++GlobalNames[G.Name];
}

void Printer::enter(const Function &Entered) {
  F = &Entered;
  VariableNames.clear();
  for (const Variable &V : F->Variables)
    ++VariableNames[V.Name];
}

void Printer::quoted(llvm::StringRef Text) {
  Out << '"';
  for (char C : Text) {
    if (C == '"' || C == '\\')
      Out << '\\' << C;
    else if (C == '\n')
      Out << "\\n";
    else
      Out << C;
  }
  Out << '"';
}

void Printer::name(llvm::StringRef Name) {
  if (isPlainName(Name) && !isReserved(Name))
    Out << Name;
  else
    quoted(Name);
}

void Printer::id(llvm::StringRef Id) {
  llvm::StringRef Rest = Id;
  if (Rest.consume_front("op:") && isPlainName(Rest))
    Out << Id;
  else
    name(Id);
}

void Printer::typeReference(uint32_t Index) {
  llvm::StringRef Name = Index < M.Types.size() ? llvm::StringRef(M.Types[Index].Name) : "";
  if (!Name.empty())
    name(Name);
  if (Name.empty() || TypeNames.lookup(Name) != 1)
    Out << '#' << Index;
}

void Printer::range(const Range &R, llvm::StringRef Before) {
  if (Ranges == PrintRanges::None || R == Range())
    return;
  Out << Before << '@';
  if (R.File == Range::NoFile)
    Out << "#none:";
  else if (R.File != MainFile)
    Out << '#' << R.File << ':';
  Out << R.Line << ':' << R.Column;
  if (Ranges == PrintRanges::Lines)
    return;
  if (R.Length)
    Out << '+' << R.Length;
  if (R.Offset)
    Out << '~' << R.Offset;
  if (R.Macro)
    Out << '!';
}

void Printer::module() {
  if (!M.MainFile.empty() || !M.CPlusPlus || M.Standard != 17) {
    Out << "module ";
    quoted(M.MainFile);
    Out << (M.CPlusPlus ? " c++" : " c") << M.Standard << '\n';
  }
  if (M.Stats != Statistics())
    Out << "stats " << M.Stats.FunctionsSeen << ' ' << M.Stats.FunctionsLowered << ' ' << M.Stats.Opaque << '\n';
  for (const File &File : M.Files) {
    Out << "file ";
    quoted(File.Path);
    Out << (File.System ? " system" : "") << (File.Main ? " main" : "");
    if (File.Standard)
      Out << (File.CPlusPlus ? " c++" : " c") << File.Standard;
    if (File.Hash != std::array<uint64_t, 2>())
      Out << llvm::format(" hash %016llx%016llx", (unsigned long long)File.Hash[0], (unsigned long long)File.Hash[1]);
    Out << '\n';
  }
  for (const Type &T : llvm::drop_begin(M.Types, M.Types.empty() ? 0 : 1))
    type(T);
  for (const Global &G : M.Globals)
    global(G);
  for (const Class &C : M.Classes)
    classDeclaration(C);
  for (const Function &Function : M.Functions)
    function(Function);
}

void Printer::type(const Type &T) {
  Out << "type ";
  name(T.Name);
  Out << ' ' << wordOf(T.K);
  if (T.Element)
    Out << " of ", typeReference(T.Element);
  if (T.Class != (T.K == Type::Kind::Class ? T.Name : ""))
    Out << " id ", name(T.Class);
  if (T.End != Type::Ending::Nothing)
    Out << ' ' << wordOf(T.End);
  flags(typeFlags(), T);
  if (!T.JoinCode.empty())
    Out << " joincode ", quoted(T.JoinCode);
  if (!T.JoinableTest.empty())
    Out << " ask ", quoted(T.JoinableTest);
  if (!T.JoiningTwin.empty() || T.JoiningSince)
    Out << " twin ", quoted(T.JoiningTwin), Out << ' ' << T.JoiningSince;
  if (!T.ReleaseCode.empty())
    Out << " release ", quoted(T.ReleaseCode);
  if (!T.GuardCode.empty())
    Out << " hold ", quoted(T.GuardCode);
  Out << '\n';
}

void Printer::global(const Global &G) {
  Out << "global ";
  name(G.Name);
  if (G.Id != G.Name)
    Out << " id ", name(G.Id);
  if (G.Type)
    Out << ": ", typeReference(G.Type);
  Out << (G.Internal ? " internal" : "") << (G.Constant ? " constant" : "");
  range(G.Where);
  Out << '\n';
}

void Printer::classDeclaration(const Class &C) {
  Out << "\nclass ";
  name(C.Name);
  if (C.Id != C.Name)
    Out << " id ", name(C.Id);
  for (const std::string &Base : C.Bases)
    Out << (&Base == C.Bases.data() ? " : " : ", "), name(Base);
  flags(classFlags(), C);
  range(C.Where);
  Out << " {\n";
  for (const Field &Field : C.Fields) {
    Out << "  field ";
    name(Field.Name);
    if (Field.Type)
      Out << ": ", typeReference(Field.Type);
    Out << (Field.InClassInitialiser ? " initialised" : "");
    Out << (Field.Trivial ? " trivial" : "");
    Out << (Field.Private ? " private" : "");
    range(Field.Where);
    range(Field.Spelled, " spelled ");
    Out << '\n';
  }
  if (!C.Destructor.empty())
    Out << "  destructor ", id(C.Destructor), Out << '\n';
  for (const std::string &Method : C.Methods)
    Out << "  method ", id(Method), Out << '\n';
  if (Ranges != PrintRanges::None)
    movables(C.Movables);
  Out << "}\n";
}

void Printer::variable(const Function &Fn, uint32_t Index, Variable::Kind Expected, std::vector<bool> &Placed) {
  const Variable &V = Fn.Variables[Index];
  if (V.Name == "this" && Expected == Variable::Kind::Parameter)
    quoted(V.Name); // Bare it would be `this` itself.
  else
    name(V.Name);
  // The next free place is meant when none is written.
  if (llvm::find(Placed, false) - Placed.begin() != Index)
    Out << '#' << Index;
  Placed[Index] = true;
  if (V.Type)
    Out << ": ", typeReference(V.Type);
  if (V.K != Expected)
    Out << ' ' << wordOf(V.K);
  flags(variableFlags(), V);
  if (V.Hides.valid())
    Out << " hides ", place(V.Hides, true); // It may be declared further down.
  range(V.Where);
  range(V.Statement, " in ");
  range(V.Spelled, " spelled ");
}

void Printer::parameters(const Function &Fn, std::vector<bool> &Placed) {
  if (!Fn.Captures.empty()) {
    Out << '[';
    llvm::ListSeparator Comma;
    for (uint32_t Index : Fn.Captures)
      Out << Comma, variable(Fn, Index, Variable::Kind::Capture, Placed);
    Out << ']';
  }
  Out << '(';
  llvm::ListSeparator Comma;
  if (Fn.hasThis()) {
    Out << Comma << (Fn.Variables[Fn.This].Name == "this" ? "" : "this = ");
    variable(Fn, Fn.This, Variable::Kind::This, Placed);
  }
  for (uint32_t Index : Fn.Parameters)
    Out << Comma, variable(Fn, Index, Variable::Kind::Parameter, Placed);
  Out << ')';
}

void Printer::locals(const Function &Fn, std::vector<bool> &Placed) {
  for (uint32_t Index = 0; Index != Fn.Variables.size(); ++Index) {
    if (Placed[Index])
      continue;
    Out << "  var ";
    variable(Fn, Index, Variable::Kind::Local, Placed);
    Out << '\n';
  }
}

void Printer::names(llvm::StringRef Word, llvm::ArrayRef<std::string> Names) {
  if (Names.empty())
    return;
  Out << ' ' << Word << '(';
  for (const std::string &Name : Names) {
    Out << (&Name == Names.data() ? "" : ", ");
    name(Name);
  }
  Out << ')';
}

void Printer::movables(llvm::ArrayRef<MovableCode> All) {
  for (const MovableCode &Each : All) {
    Out << "  move ";
    quoted(Each.Text);
    range(Each.Lines);
    names("names", Each.Names);
    for (const Slot &To : Each.Slots) {
      Out << " to";
      range(To.At);
      Out << ' ' << To.Objects << ' ' << To.Ways << (To.Tested ? " tested" : "");
    }
    Out << (Each.Unused ? " unused" : "");
    range(Each.Outside, " outside ");
    Out << '\n';
  }
}

void Printer::function(const Function &Fn) {
  enter(Fn);
  std::vector<bool> Placed(Fn.Variables.size());
  Out << "\nfunction ";
  name(Fn.Name);
  if (Fn.Id != Fn.Name)
    Out << " id ", name(Fn.Id);
  parameters(Fn, Placed);
  if (Fn.ReturnType)
    Out << " -> ", typeReference(Fn.ReturnType);
  if (!Fn.Class.empty())
    Out << " class ", name(Fn.Class);
  flags(functionFlags(), Fn);
  names("fields", Fn.Fields);
  names("overrides", Fn.Overrides);
  if (!Fn.OpaqueReason.empty())
    Out << " opaque ", quoted(Fn.OpaqueReason);
  range(Fn.Where);
  range(Fn.Begin, " begin ");
  range(Fn.End, " end ");
  range(Fn.CaptureDefault, " default ");
  bool HasLocals = llvm::is_contained(Placed, false);
  if (HasLocals || Fn.Body != Sequence()) {
    Out << ' ' << (Fn.Body.K == Sequence::Kind::Body ? "" : wordOf(Fn.Body.K).str() + " ")
        << (Fn.Body.Braced ? "" : "unbraced ") << "{\n";
    locals(Fn, Placed);
    if (Ranges != PrintRanges::None)
      movables(Fn.Movables);
    Depth = 1;
    children(Fn.Body.Children);
    Depth = 0;
    Out << '}';
    range(Fn.Body.End);
  }
  Out << '\n';
}

} // namespace text

void print(const Module &M, llvm::raw_ostream &Out, PrintRanges Ranges) {
  text::Printer(M, Out, Ranges).module();
}

std::string print(const Module &M, const Function &F, const Effect &E) {
  std::string Text;
  llvm::raw_string_ostream Out(Text);
  text::Printer P(M, Out, PrintRanges::None);
  P.enter(F);
  P.effect(E);
  return Text;
}

} // namespace latchkey::ir
