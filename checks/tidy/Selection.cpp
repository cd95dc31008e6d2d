#include "checks/tidy/Selection.h"

#include "checks/rules/Rule.h"

#include "llvm/ADT/SmallVector.h"

using namespace latchkey;
using llvm::StringRef;

std::string tidy::withDefaultChecks(StringRef Checks) {
  llvm::SmallVector<StringRef> Globs;
  // Clang-tidy separates by commas and line ends alike.
  llvm::SplitString(Checks, Globs, ",\n");
  for (StringRef &Glob : Globs)
    Glob = Glob.trim();
  llvm::erase_if(Globs, [](StringRef Glob) { return Glob.empty(); });

  if (!Globs.empty() && Globs.back() == "-*")
    return Checks.str();

  std::string All = Checks.rtrim(", \n").str();
  auto Add = [&All](StringRef Glob) {
    if (!All.empty())
      All += ',';
    All += Glob;
  };
  for (const Rule *R : allRules())
    if (R->Info.OnByDefault)
      Add(std::string(Prefix) + R->Info.Name.str());
  // The last glob that matches wins, so what the user said about us has to be said again.
  for (StringRef Glob : Globs)
    if (Glob.ltrim("- ").starts_with("latchkey"))
      Add(Glob);
  return All;
}
