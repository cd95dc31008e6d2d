#include "tool/Explain.h"

#include "tool/TranslationUnit.h"

#include <fmt/format.h>

namespace latchkey::driver {

using llvm::StringRef;

void listChecks(llvm::raw_ostream &Out, llvm::function_ref<bool(StringRef)> IsOn) {
  size_t Width = 0;
  for (const Rule *R : allRules())
    Width = std::max(Width, R->Info.Name.size());
  for (const Rule *R : allRules())
    Out << fmt::format("latchkey-{:<{}}  {:<7}  {:<3}  {}\n", R->Info.Name.str(), Width, name(R->Info.Highest).str(),
                       IsOn(R->Info.Name) ? "on" : "off", R->Info.Summary.str());
}

std::string explain(const Metadata &Info) {
  std::string Text = fmt::format("# latchkey-{}\n\n{}\n\n", Info.Name.str(), Info.Summary.str());
  Text += fmt::format("Family: {}. Confidence: {}. {}.{}\n", Info.Family.str(),
                      Info.Highest == Confidence::Style ? "style" : "up to " + name(Info.Highest).str(),
                      Info.OnByDefault ? "On by default" : "Off by default", Info.HasFix ? " Offers fixes." : "");
  for (const OptionInfo &O : Info.Options) {
    Text += fmt::format("\n- Option `latchkey-{}.{}` (default `{}`): {}", Info.Name.str(), O.Name.str(),
                        O.Default.str(), O.Help.str());
    if (!O.Choices.empty())
      Text += fmt::format("; one of {}", llvm::join(O.Choices, ", "));
  }
  if (!Info.Options.empty())
    Text += "\n";
  if (!Info.References.empty())
    Text += "\nSee also:\n";
  for (const Reference &R : Info.References)
    Text += fmt::format("- {}: {}\n", R.Title.str(), R.Url.str());
  if (StringRef Page = documentationPage(Info.Name); !Page.empty())
    Text += "\n" + Page.str();
  return Text;
}

} // namespace latchkey::driver
