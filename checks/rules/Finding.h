// The one type that every report, diagnostic and file format is made from.
#pragma once

#include "checks/ir/Source.h"

#include "llvm/ADT/StringRef.h"

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace latchkey {

/// How sure a finding is. SARIF: error, warning, note.
enum class Confidence : uint8_t {
  Certain, ///< Every execution that gets here.
  Likely,  ///< A feasible path exists in the code as written.
  Style,   ///< Opt-in.
};

/// A place in a file that stands by itself, without a module.
struct SourcePlace {
  std::string File; ///< Absolute path.
  ir::Range At;     ///< At.File is meaningless here.

  auto operator<=>(const SourcePlace &) const = default;
};

/// What a step does, for reports that draw it.
enum class StepKind : uint8_t {
  Other,
  Start, ///< Of a task.
  Join,
  Detach,
  Count, ///< Set or raised.
  Done,  ///< Counted down, or a promise set.
  Wait,
  Lock,
  Unlock,
  Arm, ///< Of a guard.
  Move,
  Call,
  Branch, ///< Which way a condition or loop goes.
  Leave,  ///< return, throw, break, continue.
};

/// "start", "unlock", …; "other".
llvm::StringRef name(StepKind);

/// One step of the path that leads to a finding, in order of time.
struct Note {
  SourcePlace Where;
  std::string Message; ///< Lower case, no full stop: "started here".
  unsigned Lane = 0;   ///< 0 is the function itself, 1… the tasks in order of their start.
  StepKind Kind = StepKind::Other;
  bool operator==(const Note &) const = default;
};

struct Edit {
  SourcePlace Where; ///< Range to replace; Length 0 inserts.
  std::string Text;
  bool operator==(const Edit &) const = default;
};

struct Fix {
  std::string Title; ///< Imperative, lower case: "join before returning".
  std::vector<Edit> Edits;
  bool Safe = true; ///< Keeps the meaning of correct runs.
  bool operator==(const Fix &) const = default;
};

struct Finding {
  std::string Check; ///< Without the prefix: "leaked-thread".
  Confidence Level = Confidence::Likely;
  SourcePlace Where;
  unsigned Lane = 0;       ///< Of the place: which thread it breaks in, as far as the path says.
  std::string Message;     ///< Lower case, no full stop; names the variable and what happens to the program.
  std::vector<Note> Notes; ///< The path, in order; first is usually where the obligation was made.
  std::vector<Fix> Fixes;  ///< Alternatives, best first.
  std::string Function;    ///< Display name of the function it is in, for fingerprints and reports.
  std::string Subject;     ///< The variable or expression it is about, for fingerprints.
  bool operator==(const Finding &) const = default;
};

/// Stable order: file, line, column, check, message.
bool before(const Finding &, const Finding &);

/// Survives moved lines: check, file's name, function, subject and an ordinal among equal ones, which the caller
/// gives. 16 hexadecimal digits.
std::string fingerprint(const Finding &, unsigned Ordinal);

} // namespace latchkey
