#include "checks/tidy/Selection.h"

#include "checks/rules/Rule.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"

using namespace latchkey;
using llvm::StringRef;

std::string tidy::withDefaultChecks(StringRef Checks) {
  llvm::SmallVector<StringRef> Globs;
  // Clang-tidy separates by commas and line ends alike.
  llvm::SplitString(Checks, Globs, ",\n");
  for (StringRef &Glob : Globs)
    Glob = Glob.trim();
  llvm::erase_if(Globs, [](StringRef Glob) { return Glob.empty(); });

  std::string All;
  auto Add = [&All](StringRef Glob) {
    if (!All.empty())
      All += ',';
    All += Glob;
  };
  bool Chosen = llvm::any_of(Globs, [](StringRef Glob) { return Glob.starts_with("latchkey"); });
  bool Off = !Globs.empty() && Globs.back() == "-*";
  // The last glob that matches wins. Ours stand behind a `-*` only if it is not meant for them.
  if (!Chosen && !Off)
    llvm::for_each(Globs, Add);
  for (const Rule *R : allRules())
    if (R->Info.OnByDefault)
      Add(std::string(Prefix) + R->Info.Name.str());
  for (StringRef Glob : Globs)
    if (Chosen || Off || Glob.starts_with("-latchkey"))
      Add(Glob);
  return All;
}
