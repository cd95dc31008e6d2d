#include "tool/OptionTable.h"
#include "tool/PlainText.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;

/// What a value is, by the word that --help has for it.
enum class ValueKind : uint8_t { None, File, Folder, Check, Choice, Other };

static ValueKind valueKind(const OptionHelp &O) {
  if (!O.Choices.empty())
    return ValueKind::Choice;
  return llvm::StringSwitch<ValueKind>(O.Value)
      .Case("", ValueKind::None)
      .Cases({"FILE", "PATH"}, ValueKind::File)
      .Case("DIR", ValueKind::Folder)
      .Cases({"CHECK", "GLOBS"}, ValueKind::Check)
      .Default(ValueKind::Other);
}

static std::string names(llvm::ArrayRef<OptionChoice> All) {
  return llvm::join(llvm::map_range(All, [](const OptionChoice &C) { return C.Name; }), " ");
}

static constexpr StringRef ListChecks = "latchkey --list-checks 2>/dev/null | cut -d' ' -f1";

static void writeBash(const OptionTable &Table, llvm::raw_ostream &Out) {
  auto OfCommand = [&](StringRef Command) {
    std::string All;
    for (const OptionHelp &O : Table.Options)
      if (llvm::is_contained(O.Commands, Command))
        All += " " + O.dashed() + (O.Value.empty() || O.Name.size() == 1 ? "" : "=");
    return StringRef(All).ltrim().str();
  };
  Out << "# bash completion for latchkey; made from its options\n"
         "_latchkey() {\n"
         "  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} option='' words='' command=''\n"
         "  COMPREPLY=()\n"
         "  # `=` is a word of its own for bash.\n"
         "  if [[ $cur == '=' ]]; then option=$prev cur=''\n"
         "  elif [[ $prev == '=' ]]; then option=${COMP_WORDS[COMP_CWORD-2]}\n"
         "  elif [[ $prev == -? ]]; then option=$prev; fi\n"
         "  case $option in\n";
  for (const OptionHelp &O : Table.Options) {
    std::string Action;
    switch (valueKind(O)) {
    case ValueKind::Choice:
      Action = "COMPREPLY=($(compgen -W " + shellWord(names(O.Choices)) + " -- \"$cur\"))";
      break;
    case ValueKind::Check:
      Action = "COMPREPLY=($(compgen -W \"$(" + ListChecks.str() + ")\" -- \"$cur\"))";
      break;
    case ValueKind::File:
      Action = "COMPREPLY=($(compgen -f -- \"$cur\"))";
      break;
    case ValueKind::Folder:
      Action = "COMPREPLY=($(compgen -d -- \"$cur\"))";
      break;
    default:
      continue;
    }
    Out << "  " << O.dashed() << ") " << Action << "; return ;;\n";
  }
  Out << "  esac\n"
         "  [[ $COMP_CWORD -gt 1 ]] && command=${COMP_WORDS[1]}\n"
         "  case $command in\n";
  for (const OptionChoice &C : Table.Commands)
    Out << "  " << C.Name << ") words=" << shellWord(OfCommand(C.Name)) << " ;;\n";
  Out << "  *) words=" << shellWord(OfCommand("")) << " ;;\n"
      << "  esac\n"
         "  if [[ $cur == -* ]]; then\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
         "    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace\n"
         "  elif [[ $command == completion ]]; then\n"
         "    COMPREPLY=($(compgen -W 'bash zsh fish' -- \"$cur\"))\n"
         "  else\n"
         "    COMPREPLY=($(compgen -f -- \"$cur\"))\n"
         "    [[ $COMP_CWORD -eq 1 ]] && COMPREPLY+=($(compgen -W "
      << shellWord(names(Table.Commands))
      << " -- \"$cur\"))\n"
         "  fi\n"
         "}\n"
         "complete -o filenames -F _latchkey latchkey\n";
}

/// Colons and brackets end a description for zsh's _arguments.
static std::string forZsh(StringRef Text) {
  std::string Out;
  for (char C : Text) {
    if (C == ':' || C == '[' || C == ']' || C == '\\')
      Out += '\\';
    Out += C;
  }
  return Out;
}

static void writeZsh(const OptionTable &Table, llvm::raw_ostream &Out) {
  Out << "#compdef latchkey\n# made from its options\n"
         "_latchkey_checks() {\n  local -a checks=(${(f)\"$("
      << ListChecks << ")\"})\n  compadd -a checks\n}\n_latchkey() {\n  local -a commands=(\n";
  for (const OptionChoice &C : Table.Commands)
    Out << "    " << shellWord(forZsh(C.Name) + ":" + C.Help) << "\n";
  Out << "  )\n  local command=''\n"
         "  (( CURRENT > 2 && ${commands[(I)${words[2]}:*]} )) && command=${words[2]}\n"
         "  local -a options=()\n";
  for (const OptionHelp &O : Table.Options) {
    std::string Spec = O.dashed() +
                       (O.Value.empty()      ? ""
                        : O.Name.size() == 1 ? "+"
                                             : "=") +
                       "[" + forZsh(O.Help) + "]";
    switch (valueKind(O)) {
    case ValueKind::None:
      break;
    case ValueKind::Choice:
      Spec += ":value:(" + names(O.Choices) + ")";
      break;
    case ValueKind::File:
      Spec += ":" + O.Value + ":_files";
      break;
    case ValueKind::Folder:
      Spec += ":" + O.Value + ":_files -/";
      break;
    case ValueKind::Check:
      Spec += ":" + O.Value + ":_latchkey_checks";
      break;
    case ValueKind::Other:
      Spec += ":" + O.Value + ": ";
      break;
    }
    Out << "  [[ " << shellWord("|" + llvm::join(O.Commands, "|") + "|") << " == *\"|$command|\"* ]] && options+=("
        << shellWord(Spec) << ")\n";
  }
  Out << "  if [[ $command == completion ]]; then\n    _arguments $options '1:command:' '2:shell:(bash zsh fish)'\n"
         "  elif (( CURRENT == 2 )) && [[ $PREFIX != -* ]]; then\n    _describe command commands\n    _files\n"
         "  else\n    _arguments $options '*:file:_files'\n  fi\n}\n"
         "if [[ $funcstack[1] == _latchkey ]]; then _latchkey \"$@\"; else compdef _latchkey latchkey; fi\n";
}

static void writeFish(const OptionTable &Table, llvm::raw_ostream &Out) {
  Out << "# fish completion for latchkey; made from its options\n"
         "set -l commands "
      << names(Table.Commands) << "\n";
  for (const OptionChoice &C : Table.Commands)
    Out << "complete -c latchkey -n \"not __fish_seen_subcommand_from $commands\" -a " << C.Name << " -d "
        << shellWord(C.Help) << "\n";
  Out << "complete -c latchkey -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'\n";
  for (const OptionHelp &O : Table.Options)
    for (const std::string &Command : O.Commands) {
      Out << "complete -c latchkey -n "
          << (Command.empty() ? "\"not __fish_seen_subcommand_from $commands\""
                              : shellWord("__fish_seen_subcommand_from " + Command))
          << (O.Name.size() == 1 ? " -s " : " -l ") << O.Name << " -d " << shellWord(O.Help);
      switch (valueKind(O)) {
      case ValueKind::None:
        break;
      case ValueKind::Choice:
        Out << " -x -a " << shellWord(names(O.Choices));
        break;
      case ValueKind::File:
        Out << " -r -F";
        break;
      case ValueKind::Folder:
        Out << " -x -a '(__fish_complete_directories)'";
        break;
      case ValueKind::Check:
        Out << " -x -a " << shellWord("(latchkey --list-checks 2>/dev/null | string split -f1 ' ')");
        break;
      case ValueKind::Other:
        Out << " -x";
        break;
      }
      Out << "\n";
    }
}

bool writeCompletion(const OptionTable &Table, StringRef Shell, llvm::raw_ostream &Out) {
  if (Shell == "bash")
    writeBash(Table, Out);
  else if (Shell == "zsh")
    writeZsh(Table, Out);
  else if (Shell == "fish")
    writeFish(Table, Out);
  else
    return false;
  return true;
}

} // namespace latchkey::driver
