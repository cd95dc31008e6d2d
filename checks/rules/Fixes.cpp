#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>

namespace latchkey::rules {

static std::string spaces(unsigned Column) {
  return std::string(Column > 0 ? Column - 1 : 0, ' ');
}

static ir::Range at(ir::Range R) {
  R.Length = 0;
  return R;
}

Fix insertBefore(const ir::Module &M, ir::Range Statement, const std::string &Text, std::string Title, bool Safe) {
  return {std::move(Title), {{place(M, at(Statement)), Text + "\n" + spaces(Statement.Column)}}, Safe};
}

Fix insertBefore(const ir::Module &M, const flow::WayOut &Exit, const std::string &Text, std::string Title,
                 bool Safe) {
  if (!Exit.Bare)
    return insertBefore(M, Exit.Statement, Text, std::move(Title), Safe);
  ir::Range End = Exit.Statement;
  End.Offset += End.Length;
  return {std::move(Title), {{place(M, at(Exit.Statement)), "{ " + Text + " "}, {place(M, at(End)), " }"}}, Safe};
}

Fix insertAtEnd(const ir::Module &M, ir::Range Brace, const std::string &Text, std::string Title, bool Safe,
                bool OneLine) {
  std::string Inserted = OneLine ? Text + " " : "  " + Text + "\n" + spaces(Brace.Column);
  return {std::move(Title), {{place(M, at(Brace)), std::move(Inserted)}}, Safe};
}

std::optional<Fix> releaseBeforeLeaving(const ir::Module &M, const flow::KeptLock &K, std::string Title) {
  const ir::Range &Before = K.Exit.Statement.valid() ? K.Exit.Statement : K.Where;
  if (K.ReleaseCode.empty() || !Before.valid() || Before.Macro)
    return std::nullopt;
  return K.Exit.Statement.valid() ? insertBefore(M, K.Exit, K.ReleaseCode, std::move(Title), false)
                                 : insertAtEnd(M, Before, K.ReleaseCode, std::move(Title), false);
}

Fix captureByValue(const ir::Module &M, const flow::CaptureSite &Site, const std::string &Name) {
  ir::Range At = Site.Name.valid() ? Site.Name : Site.Default;
  if (Site.Name.valid()) { // without the ampersand before it
    At.Offset -= 1;
    At.Column -= 1;
    At.Length = 1;
    return {"capture by value", {{place(M, At), ""}}, true};
  }
  At.Offset += At.Length;
  At.Column += At.Length;
  return {"capture by value", {{place(M, at(At)), ", " + Name}}, true};
}

Fix captureByReference(const ir::Module &M, const flow::CaptureSite &Site, const std::string &Name) {
  if (Site.Name.valid())
    return {"capture by reference", {{place(M, at(Site.Name)), "&"}}, true};
  Fix Result = captureByValue(M, Site, "&" + Name);
  Result.Title = "capture by reference";
  return Result;
}

std::optional<Fix> guardAtTheTop(const ir::Module &M, const flow::OwnCompletion &Own) {
  if (!Own.Statement.valid() || !M.hasCPlusPlus(Own.Statement))
    return std::nullopt;
  std::string Indent = spaces(Own.Column);
  std::string Guard = fmt::format("\n{0}auto complete = [&] {{ {1}; }};\n"
                                  "{0}struct AtExit {{\n{0}  decltype(complete) &run;\n"
                                  "{0}  ~AtExit() {{ run(); }}\n{0}}} at_exit{{complete}};",
                                  Indent, Own.Code);
  return Fix{"complete it in a guard at the top of the task",
             {{place(M, Own.TaskBegin), Guard}, {place(M, Own.Statement), ""}},
             true};
}

static bool covers(const ir::Range &Around, const ir::Range &R) {
  return Around.File == R.File && R.Offset >= Around.Offset && R.Offset < Around.Offset + Around.Length;
}

const ir::MovableCode *movable(const ir::Module &M, const flow::FunctionFacts &Facts, ir::Range Where) {
  auto Find = [&](llvm::ArrayRef<ir::MovableCode> All) {
    auto *It = llvm::find_if(All, [&](const ir::MovableCode &Code) { return covers(Code.Lines, Where); });
    return It == All.end() ? nullptr : It;
  };
  if (!Where.valid() || !Facts.Function)
    return nullptr;
  // Lambdas stand behind the function they are in: their ids begin with its.
  const std::string &Id = Facts.Function->Id;
  auto First = llvm::lower_bound(M.Functions, Id, [](const ir::Function &F, const std::string &Id) { return F.Id < Id; });
  for (auto It = First; It != M.Functions.end() && llvm::StringRef(It->Id).starts_with(Id); ++It)
    if (const ir::MovableCode *Found = Find(It->Movables))
      return Found;
  const ir::Class *C = Facts.Function->Class.empty() ? nullptr : M.classById(Facts.Function->Class);
  return C ? Find(C->Movables) : nullptr;
}

const ir::Slot *below(const ir::MovableCode &Code, ir::Range Past) {
  if (Past.File != Code.Lines.File || Past.Offset < Code.Lines.Offset)
    return nullptr;
  auto It = llvm::find_if(Code.Slots, [&](const ir::Slot &S) {
    return S.At.Offset > Past.Offset && S.At.Offset > Code.Lines.Offset;
  });
  return It == Code.Slots.end() ? nullptr : &*It;
}

const ir::Slot *above(const ir::MovableCode &Code, ir::Range Past) {
  if (Past.File != Code.Lines.File || Past.Offset >= Code.Lines.Offset)
    return nullptr;
  const ir::Slot *Found = nullptr;
  for (const ir::Slot &S : Code.Slots)
    if (S.At.Offset <= Past.Offset)
      Found = &S;
  return Found;
}

Fix move(const ir::Module &M, const ir::MovableCode &Code, ir::Range To, std::string Title) {
  return {std::move(Title), {{place(M, To), Code.Text}, {place(M, Code.Lines), ""}}, false};
}

/// The lines as they stand one below the other, from another column on.
static std::string indented(llvm::StringRef Text, const std::string &Indent) {
  llvm::StringRef Old = Text.take_while([](char C) { return C == ' ' || C == '\t'; });
  std::string Result;
  while (!Text.empty()) {
    auto [Line, Rest] = Text.split('\n');
    bool Blank = Line.trim().empty();
    Line.consume_front(Old);
    Result += (Blank ? "" : Indent) + Line.str() + "\n";
    Text = Rest;
  }
  return Result;
}

Fix moveOut(const ir::Module &M, const ir::MovableCode &Code, ir::Range To, unsigned Indentation, std::string Title) {
  Fix Result = move(M, Code, To, std::move(Title));
  Result.Edits.front().Text = indented(Code.Text, std::string(Indentation, ' '));
  return Result;
}

std::optional<Fix> moveInto(const ir::Module &M, const ir::MovableCode &Code, const ir::Function &F,
                            std::string Title) {
  auto AtHand = [&](const std::string &Name) {
    return F.CapturesAll || llvm::any_of(F.Captures, [&](uint32_t I) {
             return F.Variables[I].Name == Name && (F.Variables[I].CapturedByReference || Name == "this");
           });
  };
  if (!F.Begin.valid() || F.Begin.Macro || F.End.Macro || F.Begin.File != Code.Lines.File ||
      !llvm::all_of(Code.Names, AtHand))
    return std::nullopt;
  Fix Result = move(M, Code, F.Begin, std::move(Title));
  std::string &Text = Result.Edits.front().Text;
  llvm::StringRef Trimmed = llvm::StringRef(Code.Text).trim();
  if (F.Begin.Line != F.End.Line)
    Text = "\n" + llvm::StringRef(indented(Code.Text, spaces(F.End.Column) + "  ")).rtrim().str();
  else if (!Trimmed.contains("//") && !Trimmed.contains('\n'))
    Text = " " + Trimmed.str();
  else
    return std::nullopt;
  return Result;
}

} // namespace latchkey::rules
