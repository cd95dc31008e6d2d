#include "checks/rules/Moves.h"
#include "checks/rules/Notes.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::rules {

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
  auto First =
      llvm::lower_bound(M.Functions, Id, [](const ir::Function &F, const std::string &Id) { return F.Id < Id; });
  for (auto It = First; It != M.Functions.end() && llvm::StringRef(It->Id).starts_with(Id); ++It)
    if (const ir::MovableCode *Found = Find(It->Movables))
      return Found;
  const ir::Class *C = Facts.Function->Class.empty() ? nullptr : M.classById(Facts.Function->Class);
  return C ? Find(C->Movables) : nullptr;
}

const ir::Slot *below(const ir::MovableCode &Code, ir::Range Past) {
  if (Past.File != Code.Lines.File || Past.Offset < Code.Lines.Offset)
    return nullptr;
  auto It = llvm::find_if(
      Code.Slots, [&](const ir::Slot &S) { return S.At.Offset > Past.Offset && S.At.Offset > Code.Lines.Offset; });
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
  Text.consume_front("\n");
  llvm::StringRef Old = Text.take_while([](char C) { return C == ' ' || C == '\t'; });
  std::string Result;
  while (!Text.empty()) {
    auto [Line, Rest] = Text.split('\n');
    bool Blank = Line.trim().empty();
    Line.consume_front(Old);
    Result += "\n" + (Blank ? "" : Indent) + Line.str();
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
    Text = indented(Code.Text, std::string(F.End.Column + 1, ' '));
  else if (!Trimmed.contains("//") && !Trimmed.contains('\n'))
    Text = " " + Trimmed.str();
  else
    return std::nullopt;
  return Result;
}

} // namespace latchkey::rules
