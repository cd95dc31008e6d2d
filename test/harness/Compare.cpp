#include "test/harness/Compare.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Regex.h"

#include <fmt/format.h>

using namespace latchkey::test;
using llvm::StringRef;
using Kind = Expectation::Kind;

bool latchkey::test::matches(StringRef Message, StringRef Text) {
  return Message.contains(Text) || llvm::Regex(Text).match(Message);
}

static bool standsAt(const Expectation &E, StringRef File, unsigned Line) {
  return E.Line == Line && E.File == File;
}

/// Takes the first of Open that this finding is.
static bool fulfil(std::vector<const Expectation *> &Open, const Reported &R) {
  auto It = llvm::find_if(Open, [&](const Expectation *E) {
    return standsAt(*E, R.File, R.Line) && E->Check == R.Check &&
           (E->K == Kind::Wrong || (E->K == Kind::Want && matches(R.Message, E->Text)));
  });
  if (It == Open.end())
    return false;
  Open.erase(It);
  return true;
}

static bool hasNote(const std::vector<Reported> &All, const Expectation &E) {
  return llvm::any_of(All, [&](const Reported &R) {
    return llvm::any_of(
        R.Notes, [&](const ReportedNote &N) { return standsAt(E, N.File, N.Line) && matches(N.Message, E.Text); });
  });
}

static const Expectation *missAt(const Fixture &F, const Reported &R) {
  for (const Expectation &E : F.Expectations)
    if (E.K == Kind::Miss && E.Check == R.Check && standsAt(E, R.File, R.Line))
      return &E;
  return nullptr;
}

std::vector<Mismatch> latchkey::test::compare(const Fixture &F, const std::vector<Reported> &All, bool Headers) {
  std::vector<Mismatch> Wrong;
  std::vector<const Expectation *> Open;
  for (const Expectation &E : F.Expectations)
    if (E.K == Kind::Want || E.K == Kind::Wrong)
      if (Headers || E.File == F.File)
        Open.push_back(&E);

  for (const Reported &R : All) {
    if (R.Check.empty())
      Wrong.push_back({R.File, R.Line, R.Message});
    else if (const Expectation *E = missAt(F, R))
      Wrong.push_back({R.File, R.Line,
                       fmt::format("better than it says: {} \"{}\" is found now; make it `want {}` ({})", R.Check,
                                   E->Text, R.Check, R.Message)});
    else if (!fulfil(Open, R))
      Wrong.push_back({R.File, R.Line, fmt::format("not expected: {}: {}", R.Check, R.Message)});
  }
  for (const Expectation *E : Open) {
    std::string Seen;
    for (const Reported &R : All)
      if (standsAt(*E, R.File, R.Line) && R.Check == E->Check)
        Seen = "; it says: " + R.Message;
    Wrong.push_back({E->File, E->Line,
                     E->K == Kind::Want ? fmt::format("not reported: {} \"{}\"{}", E->Check, E->Text, Seen)
                                        : fmt::format("better than it says: no {} any more ({}); remove the `wrong`",
                                                      E->Check, E->Text)});
  }
  for (const Expectation &E : F.Expectations)
    if (E.K == Kind::Note && !hasNote(All, E))
      Wrong.push_back({E.File, E.Line, fmt::format("no such note: \"{}\"", E.Text)});
  return Wrong;
}
