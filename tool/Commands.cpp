#include "tool/Commands.h"

#include "clang/Driver/ToolChain.h"
#include "clang/Driver/Types.h"
#include "clang/Options/Options.h"
#include "clang/Tooling/Tooling.h"
#include "llvm/Option/ArgList.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/VirtualFileSystem.h"

namespace latchkey::driver {

namespace options = clang::options;
namespace types = clang::driver::types;
using llvm::StringRef;
using llvm::opt::Arg;

static StringRef programName(StringRef Path) {
  StringRef Name = llvm::sys::path::filename(Path);
  Name.consume_back(".exe");
  return Name;
}

static bool isLauncher(StringRef Path) {
  static constexpr StringRef Launchers[] = {"ccache", "distcc",     "sccache", "icecc", "gomacc", "rewrapper",
                                            "fcache", "buildcache", "env",     "cmake", "time",   "nice"};
  return llvm::is_contained(Launchers, programName(Path));
}

static bool looksLikeCompiler(StringRef Path) {
  return !isLauncher(Path) &&
         !clang::driver::ToolChain::getTargetAndModeFromProgramName(programName(Path)).ModeSuffix.empty();
}

llvm::ArrayRef<std::string> withoutLaunchers(llvm::ArrayRef<std::string> Command) {
  if (Command.empty() || !isLauncher(Command.front()))
    return Command;
  // `cmake -E env A=b ccache g++ …`: whatever stands before the first compiler belongs to the launchers.
  auto Compiler = llvm::find_if(Command, looksLikeCompiler);
  return Compiler == Command.end() ? Command.drop_front() : Command.drop_front(Compiler - Command.begin());
}

Language languageOf(const TranslationUnit &Unit) {
  StringRef Extension = llvm::sys::path::extension(Unit.File);
  Extension.consume_front(".");
  types::ID Type = types::lookupTypeForExtension(Extension);
  for (size_t I = 1; I < Unit.Command.size(); ++I) {
    StringRef Word = Unit.Command[I];
    if (!Word.consume_front("-x"))
      continue;
    if (Word.empty() && I + 1 < Unit.Command.size())
      Word = Unit.Command[++I];
    // `-x none` goes back to the extension; words that only begin with -x (-xHost) are not this option.
    types::ID Given = types::lookupTypeForTypeSpecifier(Word.str().c_str());
    if (Given == types::TY_CHeader || Given == types::TY_CXXHeader)
      return Language::PrecompiledHeader;
    if (Given != types::TY_INVALID)
      Type = Given;
  }
  switch (Type) {
  case types::TY_C:
  case types::TY_PP_C:
    return Language::C;
  case types::TY_CXX:
  case types::TY_PP_CXX:
  case types::TY_CXXModule:
  case types::TY_CHeader: // A header that the user named.
  case types::TY_CXXHeader:
    return Language::CPlusPlus;
  default:
    return Language::Other;
  }
}

namespace {

/// One pass over the options of a command.
class Preparation {
public:
  Preparation(const TranslationUnit &Unit, PreparedCommand &Out) : Unit(Unit), Out(Out) {}

  void run(StringRef ResourceDirectory);

private:
  std::string compilerPath(StringRef Compiler) const;
  void option(const Arg &, const llvm::opt::InputArgList &);
  void forClangOnly(const Arg &);
  void include(const Arg &);
  bool exists(StringRef Path) const;

  const TranslationUnit &Unit;
  PreparedCommand &Out;
  bool SkipNextXclang = false; ///< It is the operand of one that was left out.
};

} // namespace

bool Preparation::exists(StringRef Path) const {
  llvm::SmallString<256> Absolute(Path);
  llvm::sys::path::make_absolute(Unit.Directory, Absolute);
  return llvm::sys::fs::exists(Absolute);
}

/// Clang looks for GCC's installation and for libc++ beside itself, so the folder is the compiler's real one and the
/// name, which tells language and target, the one it was called by.
std::string Preparation::compilerPath(StringRef Compiler) const {
  llvm::SmallString<256> Path(Compiler);
  if (!Compiler.contains('/')) {
    if (auto Found = llvm::sys::findProgramByName(Compiler))
      Path = *Found;
  } else {
    llvm::sys::path::make_absolute(Unit.Directory, Path);
  }
  llvm::SmallString<256> Real;
  StringRef Folder = LATCHKEY_LLVM_BINARIES;
  if (!llvm::sys::fs::real_path(Path, Real))
    Folder = llvm::sys::path::parent_path(Real);
  llvm::SmallString<256> Result(Folder);
  llvm::sys::path::append(Result, programName(Compiler));
  return Result.str().str();
}

/// `-Xclang` words go past the driver. Those that make the frontend do something else than parse are left out.
void Preparation::forClangOnly(const Arg &A) {
  StringRef Word = A.getValue();
  if (SkipNextXclang) {
    SkipNextXclang = false;
    return;
  }
  static constexpr StringRef WithOperand[] = {"-include-pch", "-load", "-plugin", "-add-plugin"};
  if (llvm::is_contained(WithOperand, Word)) {
    SkipNextXclang = true;
    return;
  }
  if (Word.starts_with("-emit-") || Word.starts_with("-plugin-arg-")) {
    SkipNextXclang = Word.starts_with("-plugin-arg-");
    return;
  }
  Out.Arguments.insert(Out.Arguments.end(), {"-Xclang", Word.str()});
}

/// A precompiled header of another compiler (or of another version) is read as the header that it was made from.
void Preparation::include(const Arg &A) {
  StringRef Header = A.getValue();
  if ((Header.consume_back(".gch") || Header.consume_back(".pch")) && !exists(Header))
    return;
  Out.Arguments.insert(Out.Arguments.end(), {"-include", Header.str()});
}

void Preparation::option(const Arg &A, const llvm::opt::InputArgList &Arguments) {
  const llvm::opt::Option &O = A.getOption();
  if (O.matches(options::OPT_UNKNOWN) || O.hasFlag(options::Unsupported)) {
    Out.Dropped.push_back(A.getAsString(Arguments));
    return;
  }
  static constexpr options::ID WithoutMeaning[] = {options::OPT_INPUT,
                                                   options::OPT__DASH_DASH,
                                                   options::OPT_Action_Group,
                                                   options::OPT_M_Group,
                                                   options::OPT_o,
                                                   options::OPT_save_temps,
                                                   options::OPT_save_temps_EQ,
                                                   options::OPT__serialize_diags,
                                                   options::OPT_ftime_trace,
                                                   options::OPT_ftime_trace_EQ,
                                                   options::OPT_fplugin_EQ,
                                                   options::OPT_fplugin_arg,
                                                   options::OPT_fpass_plugin_EQ,
                                                   options::OPT_include_pch,
                                                   options::OPT_resource_dir,
                                                   options::OPT_resource_dir_EQ,
                                                   options::OPT_v,
                                                   options::OPT__HASH_HASH_HASH,
                                                   options::OPT_P,
                                                   options::OPT_gen_cdb_fragment_path};
  if (llvm::any_of(WithoutMeaning, [&](options::ID Id) { return O.matches(Id); }))
    return;
  bool ForPreprocessor = O.matches(options::OPT_Wp_COMMA);
  if (ForPreprocessor && llvm::any_of(A.getValues(), [](StringRef Value) { return Value.starts_with("-M"); }))
    return; // -Wp,-MD,file
  if (O.matches(options::OPT_Xclang))
    return forClangOnly(A);
  if (O.matches(options::OPT_include))
    return include(A);
  llvm::opt::ArgStringList Rendered;
  A.render(Arguments, Rendered);
  Out.Arguments.insert(Out.Arguments.end(), Rendered.begin(), Rendered.end());
}

void Preparation::run(StringRef ResourceDirectory) {
  std::vector<std::string> Command = withoutLaunchers(Unit.Command).vec();
  if (Command.empty())
    Command.push_back("clang");
  clang::tooling::addExpandedResponseFiles(Command, Unit.Directory, llvm::cl::TokenizeGNUCommandLine,
                                           *llvm::vfs::getRealFileSystem());
  Out.Arguments.push_back(compilerPath(Command.front()));

  std::vector<const char *> Words;
  for (const std::string &Word : llvm::drop_begin(Command))
    Words.push_back(Word.c_str());
  unsigned MissingIndex = 0, MissingCount = 0;
  llvm::opt::InputArgList Arguments = clang::getDriverOptTable().ParseArgs(Words, MissingIndex, MissingCount,
                                                                           llvm::opt::Visibility(options::ClangOption));
  for (const Arg *A : Arguments)
    option(*A, Arguments);

  clang::tooling::addTargetAndModeForProgramName(Out.Arguments, programName(Command.front()));
  Out.Arguments.push_back("-resource-dir=" + ResourceDirectory.str());
  Out.Arguments.insert(Out.Arguments.end(), {"--", Unit.File});
}

PreparedCommand prepare(const TranslationUnit &Unit, StringRef ResourceDirectory) {
  PreparedCommand Out;
  Preparation(Unit, Out).run(ResourceDirectory);
  return Out;
}

} // namespace latchkey::driver
