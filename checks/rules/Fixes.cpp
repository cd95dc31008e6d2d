#include "checks/rules/Fixes.h"
#include "checks/rules/Notes.h"

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

Fix insertBefore(const ir::Module &M, const flow::WayOut &Exit, const std::string &Text, std::string Title, bool Safe) {
  if (!Exit.Bare)
    return insertBefore(M, Exit.Statement, Text, std::move(Title), Safe);
  ir::Range End = Exit.Statement;
  End.Offset += End.Length;
  return {std::move(Title), {{place(M, at(Exit.Statement)), "{ " + Text + " "}, {place(M, at(End)), " }"}}, Safe};
}

Fix insertAtEnd(const ir::Module &M, ir::Range Brace, const std::string &Text, std::string Title, bool Safe,
                ir::Range Begin) {
  std::string Inserted = "  " + Text + "\n" + spaces(Brace.Column);
  if (Begin.valid() && Begin.Line == Brace.Line)
    Inserted = (Begin.Offset == Brace.Offset ? " " : "") + Text + " ";
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

} // namespace latchkey::rules
