#include "tool/Program.h"
#include "tool/Reports.h"

#include "llvm/Support/JSON.h"

namespace latchkey::driver {

namespace json = llvm::json;

void writeJson(const Results &All, const ReportOptions &, llvm::raw_ostream &Out) {
  json::OStream J(Out, /*IndentSize=*/2);
  J.object([&] {
    J.attributeObject("tool", [&] {
      J.attribute("name", "latchkey");
      J.attribute("version", version());
    });
    J.attributeArray("findings", [&] {
      for (const Report &R : All.Reports) {
        json::Value Finding = latchkey::toJSON(R.What);
        json::Object &O = *Finding.getAsObject();
        O["level"] = level(R);
        O["fingerprint"] = R.Fingerprint;
        J.value(Finding);
      }
    });
    J.attributeArray("problems", [&] {
      for (const Problem &P : All.Problems)
        J.value(json::Object{{"file", P.File}, {"message", P.Message}, {"diagnostics", json::Array(P.Diagnostics)}});
    });
    J.attribute("mistakes", json::Array(All.Mistakes));
    J.attribute("notices", json::Array(All.Notices));
    J.attribute("droppedOptions", json::Array(All.Dropped));
    J.attribute("files", All.Files);
    J.attribute("suppressed", All.Suppressed);
    J.attribute("statistics", toJSON(All.Count));
    J.attribute("exitStatus", All.exitStatus());
  });
  Out << "\n";
}

} // namespace latchkey::driver
