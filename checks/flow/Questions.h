// What judging a function asks of the program that it is part of, so that somebody can tell later whether the answers
// are still the same (Answers.h). All that is ever looked at is asked for: functions by id, and lists of functions that
// have to do with something. Types, classes and globals belong to the functions that name them.
#pragma once

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace latchkey::flow {

enum class QuestionKind : char {
  Function = 'f',   ///< By its id.
  File = 's',       ///< What is judged with a file, by path.
  Field = 'u',      ///< Functions that name a field: `class.name`, or `.name` where the class is not known.
  Global = 'g',     ///< Functions that name a global, by id.
  Naming = 'n',     ///< Functions that call, run or hand on a function, by its id.
  Methods = 'm',    ///< Of a class, by its id.
  Derived = 'd',    ///< Classes derived from one, by its id.
  Overriders = 'o', ///< Of a virtual function, by its id.
  Unlocking = 'l',  ///< Functions that give back what they have not locked, by the mutex.
  Tasks = 't',      ///< Bodies of tasks, by their handle.
  Locking = 'k',    ///< What is locked in a function and in what it calls, by its id.
  Attributes = 'a', ///< Whether a mutex was made with attributes.
  Everything = '*',
};

/// A question as a number.
uint64_t question(QuestionKind, llvm::StringRef About);

using Questions = llvm::DenseSet<uint64_t>;

} // namespace latchkey::flow
