#include "tool/OptionTable.h"
#include "tool/Program.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace latchkey::driver {

using llvm::StringRef;

/// Dashes that are to be copied, backslashes, and dots and quotes that would begin a request.
static std::string roff(StringRef Text) {
  std::string Out;
  for (char C : Text) {
    if (Out.empty() && (C == '.' || C == '\''))
      Out += "\\&";
    Out += C == '-' ? "\\-" : C == '\\' ? "\\e" : std::string(1, C);
  }
  return Out;
}

static void writeOption(const OptionHelp &O, llvm::raw_ostream &Out) {
  Out << ".TP\n\\fB" << roff(O.dashed()) << "\\fR";
  if (!O.Value.empty())
    Out << (O.Name.size() == 1 ? " " : "=") << "\\fI" << roff(O.Value) << "\\fR";
  Out << "\n" << roff(O.Help) << "\n";
  if (!llvm::is_contained(O.Commands, "")) // Else it is one of latchkey itself.
    Out << "(" << llvm::join(O.Commands, ", ") << ")\n";
  if (O.Choices.empty())
    return;
  Out << ".RS\n";
  for (const OptionChoice &C : O.Choices)
    Out << ".IP \"\\fB" << roff(C.Name) << "\\fR\"\n" << roff(C.Help) << "\n";
  Out << ".RE\n";
}

void writeManPage(const OptionTable &Table, llvm::raw_ostream &Out) {
  auto [Summary, Rest] = StringRef(Table.Overview).split("\n\n");
  auto [Usage, Status] = Rest.split("\n\n");
  std::string Version = ("latchkey " + version()).str();
  Out << ".TH LATCHKEY 1 \"\" \"" << Version << "\" \"User Commands\"\n.SH NAME\nlatchkey \\- " << roff(Summary)
      << "\n.SH SYNOPSIS\n.nf\n";
  for (StringRef Line : llvm::split(Usage, '\n'))
    Out << roff(Line.trim()) << "\n";
  Out << ".fi\n.SH DESCRIPTION\n"
         "Latchkey reads C and C++ with Clang. It needs no annotations, no run of the program, and nothing of the "
         "build "
         "but its\n.IR compile_commands.json .\n"
         "Each finding names both ends: where a thread, count, lock or guard began, and where it goes wrong.\n"
         ".SH COMMANDS\nWithout a command, files are analysed.\n";
  for (const OptionChoice &C : Table.Commands)
    Out << ".TP\n.B " << roff(C.Name) << "\n" << roff(C.Help) << "\n";
  Out << ".SH OPTIONS\n";
  for (const OptionHelp &O : Table.Options)
    writeOption(O, Out);
  Out << ".SH EXIT STATUS\n" << roff(Status.trim().drop_front(StringRef("Exit status: ").size())) << "\n";
  Out << ".SH FILES\n"
         ".TP\n.I .clang-tidy\nWhich checks are on, and their options; found from a source's folder upwards.\n"
         ".TP\n.I .latchkey.yaml\nModels of libraries, and whose code is whose; found the same way.\n"
         ".SH SEE ALSO\n.BR clang\\-tidy (1),\n.BR clangd (1)\n";
}

} // namespace latchkey::driver
