// The whole analysis of a module: engine, rules, one finding for each defect.
#include "checks/flow/Program.h"
#include "checks/rules/Rule.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

namespace latchkey {

static bool sharesPlace(const Finding &A, const Finding &B) {
  auto Names = [](const Finding &F, const SourcePlace &P) {
    return F.Where == P || llvm::any_of(F.Notes, [&](const Note &N) { return N.Where == P; });
  };
  return Names(A, B.Where) || Names(B, A.Where);
}

static bool onOneLine(const SourcePlace &A, const SourcePlace &B) {
  return A.File == B.File && A.At.Line == B.At.Line;
}

/// Where it began: the first step of the path.
static const SourcePlace &obligation(const Finding &F) {
  return F.Notes.empty() ? F.Where : F.Notes.front().Where;
}

/// Design, section 11, 12: a more specific check replaces what it subsumes about the same obligation.
static void dropSubsumed(std::vector<Finding> &Findings) {
  std::vector<bool> Drop(Findings.size());
  for (size_t I = 0; I < Findings.size(); ++I) {
    const Rule *Specific = findRule(Findings[I].Check);
    for (size_t J = 0; Specific && J < Findings.size(); ++J)
      Drop[J] = Drop[J] || (llvm::is_contained(Specific->Info.Subsumes, Findings[J].Check) &&
                            (onOneLine(Findings[I].Where, obligation(Findings[J])) ||
                             onOneLine(Findings[I].Where, Findings[J].Where) ||
                             (Findings[I].Subject == Findings[J].Subject && sharesPlace(Findings[I], Findings[J]))));
  }
  size_t At = 0;
  llvm::erase_if(Findings, [&](const Finding &) { return Drop[At++]; });
}

static bool standsIn(const SourcePlace &P, const ir::Function &F, const ir::Module &M) {
  return F.Begin.valid() && F.End.valid() && M.Files[F.Begin.File].Path == P.File && P.At.Offset >= F.Begin.Offset &&
         P.At.Offset <= F.End.Offset;
}

AnalysisResult analyse(const ir::Module &M, const AnalysisOptions &Options) {
  std::vector<const ir::Function *> All;
  All.reserve(M.Functions.size());
  for (const ir::Function &F : M.Functions)
    All.push_back(&F);
  return analyse(flow::Program(M), All, Options);
}

AnalysisResult analyse(const flow::Program &P, llvm::ArrayRef<const ir::Function *> Functions,
                       const AnalysisOptions &Options) {
  const ir::Module &M = P.module();
  AnalysisResult Result;
  static const CheckOptions NoOptions;
  flow::Limits Limits;
  if (auto It = Options.Options.find("leaked-thread"); It != Options.Options.end())
    Limits.Paths = rules::exceptionPaths(It->second);
  std::set<std::pair<std::string, SourcePlace>> ByOwner;
  std::vector<bool> Own;
  for (const flow::FunctionFacts &Facts : flow::analyse(P, Functions, Limits, Result.Stats))
    for (const Rule *R : allRules()) {
      if (Options.Enabled && !Options.Enabled(R->Info.Name))
        continue;
      auto It = Options.Options.find(R->Info.Name);
      R->check(M, Facts, It == Options.Options.end() ? NoOptions : It->second, [&](Finding F) {
        F.Check = R->Info.Name.str();
        Own.push_back(standsIn(F.Where, *Facts.Function, M));
        if (Own.back())
          ByOwner.insert({F.Check, F.Where});
        Result.Findings.push_back(std::move(F));
      });
    }
  // What a function shows by itself needs no caller to show it, whose names are others.
  size_t At = 0;
  llvm::erase_if(Result.Findings, [&](const Finding &F) { return !Own[At++] && ByOwner.contains({F.Check, F.Where}); });
  // Instantiations of one template and contexts of one callee say the same thing once; the surer one stays.
  std::sort(Result.Findings.begin(), Result.Findings.end(), [](const Finding &A, const Finding &B) {
    if (A.Where.File == B.Where.File && A.Where.At == B.Where.At && A.Check == B.Check)
      return A.Level < B.Level;
    return before(A, B);
  });
  auto Same = [](const Finding &A, const Finding &B) {
    return A.Where == B.Where && A.Check == B.Check && A.Subject == B.Subject;
  };
  Result.Findings.erase(std::unique(Result.Findings.begin(), Result.Findings.end(), Same), Result.Findings.end());
  dropSubsumed(Result.Findings);
  std::sort(Result.Findings.begin(), Result.Findings.end(), before);
  return Result;
}

} // namespace latchkey
