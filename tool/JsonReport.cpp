#include "tool/Program.h"
#include "tool/Reports.h"

#include "llvm/Support/JSON.h"

namespace latchkey::driver {

namespace json = llvm::json;
using llvm::StringRef;

static json::Value finding(const Report &R) {
  json::Value Finding = latchkey::toJSON(R.What);
  json::Object &O = *Finding.getAsObject();
  O["level"] = level(R);
  O["fingerprint"] = R.Fingerprint;
  if (!R.Justification.empty())
    O["justification"] = R.Justification;
  return Finding;
}

void writeJson(const Results &All, const ReportOptions &, llvm::raw_ostream &Out) {
  json::OStream J(Out, /*IndentSize=*/2);
  auto List = [&](StringRef Name, llvm::ArrayRef<Report> Reports) {
    J.attributeArray(Name, [&] {
      for (const Report &R : Reports)
        J.value(finding(R));
    });
  };
  J.object([&] {
    J.attributeObject("tool", [&] {
      J.attribute("name", "latchkey");
      J.attribute("version", version());
    });
    List("findings", All.Reports);
    if (!All.ComparedTo.empty()) {
      J.attribute("comparedTo", All.ComparedTo);
      List("known", All.Known);
      List("gone", All.Gone);
    }
    List("silenced", All.Silenced);
    List("fixed", All.Fixed);
    J.attributeArray("problems", [&] {
      for (const Problem &P : All.Problems)
        J.value(json::Object{{"file", P.File}, {"message", P.Message}, {"diagnostics", json::Array(P.Diagnostics)}});
    });
    J.attribute("mistakes", json::Array(All.Mistakes));
    J.attribute("notices", json::Array(All.Notices));
    J.attribute("droppedOptions", json::Array(All.Dropped));
    J.attribute("files", All.Files);
    J.attribute("suppressed", All.Silenced.size());
    J.attribute("statistics", toJSON(All.Count));
    J.attribute("exitStatus", All.exitStatus());
  });
  Out << "\n";
}

void writeJsonLines(const Results &All, const ReportOptions &, llvm::raw_ostream &Out) {
  auto Lines = [&](StringRef State, llvm::ArrayRef<Report> Reports) {
    for (const Report &R : Reports) {
      json::Value Line = finding(R);
      (*Line.getAsObject())["state"] = State;
      Out << Line << "\n";
    }
  };
  Lines("new", All.Reports);
  Lines("known", All.Known);
  Lines("gone", All.Gone);
  Lines("silenced", All.Silenced);
}

} // namespace latchkey::driver
