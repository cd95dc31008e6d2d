#include "tool/ConfigurationMistakes.h"

#include "checks/model/Statements.h"

#include "clang-tidy/GlobList.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Regex.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;

static constexpr StringRef Prefix = "latchkey-";

static std::string meant(StringRef Name) {
  std::vector<std::string> Names;
  for (const Rule *R : allRules())
    Names.push_back((Prefix + R->Info.Name).str());
  return model::suggestion(Name, llvm::SmallVector<StringRef>(Names.begin(), Names.end()));
}

static std::string noCheck(StringRef Name) {
  return "no check is called `" + Name.str() + "`" + meant(Name);
}

/// clang-tidy's reader keeps no places; a name that it does not know stands where it is written first.
static std::string place(const std::string &Source, StringRef Word) {
  auto Text = llvm::MemoryBuffer::getFile(Source, /*IsText=*/true);
  size_t At = Text ? (*Text)->getBuffer().find(Word) : StringRef::npos;
  if (At == StringRef::npos)
    return Source;
  StringRef Before = (*Text)->getBuffer().take_front(At);
  return fmt::format("{}:{}:{}", Source, Before.count('\n') + 1, At - (Before.rfind('\n') + 1) + 1);
}

static bool meansAny(StringRef Glob) {
  clang::tidy::GlobList List(Glob);
  return llvm::any_of(allRules(), [&](const Rule *R) { return List.contains((Prefix + R->Info.Name).str()); });
}

/// What is wrong with `latchkey-<check>.<Option>: <Value>`; empty if nothing is.
static std::string wrongOption(StringRef Key, StringRef Value) {
  auto [Check, Name] = Key.drop_front(Prefix.size()).split('.');
  const Rule *R = findRule(Check);
  if (R && llvm::is_contained(commonOptions(), Name))
    return {};
  if (!R)
    return noCheck((Prefix + Check).str());
  const OptionInfo *Info = llvm::find_if(R->Info.Options, [&](const OptionInfo &O) { return O.Name == Name; });
  if (Info == R->Info.Options.end()) {
    llvm::SmallVector<StringRef> Names(commonOptions());
    for (const OptionInfo &O : R->Info.Options)
      Names.push_back(O.Name);
    return fmt::format("`{}{}` has no option `{}`{}", Prefix.str(), Check.str(), Name.str(),
                       model::suggestion(Name, Names));
  }
  if (!Info->Choices.empty() && !llvm::is_contained(Info->Choices, Value))
    return fmt::format("`{}` is not `{}` but one of: {}", Key.str(), Value.str(), llvm::join(Info->Choices, ", "));
  return {};
}

std::vector<std::string> unknownNames(const ConfigurationLayer &Layer) {
  std::vector<std::string> Found;
  for (const std::string &Glob : Layer.CheckGlobs)
    if (StringRef(Glob).starts_with("latchkey") && !meansAny(Glob))
      Found.push_back(place(Layer.Source, Glob) + ": " + noCheck(Glob));
  for (const auto &[Key, Value] : Layer.Values)
    if (StringRef(Key).starts_with(Prefix))
      if (std::string Wrong = wrongOption(Key, Value); !Wrong.empty())
        Found.push_back(place(Layer.Source, Key) + ": " + Wrong);
  return Found;
}

std::vector<std::string> brokenPatterns(const ConfigurationLayer &Layer) {
  std::vector<std::string> Found;
  for (const auto &[Key, Value] : Layer.Values) {
    std::string Why;
    if (StringRef(Key).ends_with("HeaderFilterRegex") && !llvm::Regex(Value).isValid(Why))
      Found.push_back(
          fmt::format("{}: `{}` is no regular expression for {}: {}", place(Layer.Source, Key), Value, Key, Why));
  }
  return Found;
}

llvm::Error checkGlobs(StringRef Option, StringRef Globs) {
  llvm::SmallVector<StringRef> All;
  llvm::SplitString(Globs, All, ",\n");
  for (StringRef Glob : All) {
    Glob = Glob.trim().ltrim('-');
    std::string Name = ((Glob.starts_with("latchkey") ? "" : Prefix) + Glob).str();
    // Globs of other tools' checks are none of our business; a check's name without our prefix is one forgotten.
    bool Meant = Glob.starts_with("latchkey") || findRule(Glob);
    if (Meant && !meansAny(Glob))
      return llvm::createStringError(fmt::format(
          "{}={}: {}; --list-checks prints all", Option.str(), Globs.str(),
          findRule(Glob) ? fmt::format("the check `{}` is called `{}` here", Glob.str(), Name) : noCheck(Glob)));
  }
  return llvm::Error::success();
}

std::string withKeyMeant(StringRef Message) {
  static constexpr StringRef Keys[] = {"Checks",
                                       "WarningsAsErrors",
                                       "HeaderFileExtensions",
                                       "FormatStyle",
                                       "HeaderFilterRegex",
                                       "ImplementationFileExtensions",
                                       "CheckOptions",
                                       "SystemHeaders",
                                       "ExcludeHeaderFilterRegex",
                                       "ExtraArgs",
                                       "ExtraArgsBefore",
                                       "InheritParentConfig",
                                       "UseColor",
                                       "User",
                                       "RemovedArgs",
                                       "CustomChecks"};
  StringRef Key = Message;
  return Message.str() +
         (Key.consume_front("unknown key '") ? model::suggestion(Key.split('\'').first, Keys) : std::string());
}

} // namespace latchkey::driver
