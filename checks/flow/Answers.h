// What a program answers to questions (Questions.h), as numbers: where the answers to all that was asked when something
// was judged are what they were, judging it again comes to the same.
#pragma once

#include "checks/flow/Program.h"

#include <string>
#include <unordered_map>

namespace latchkey::flow {

class Answers {
public:
  /// \param About more that decides what becomes of findings in a file.
  Answers(const Program &, llvm::function_ref<std::string(const ir::File &)> About);

  /// All answers in one. The same for other programs that answer the same, whatever else is in them.
  std::string to(llvm::ArrayRef<uint64_t> Sorted) const;

private:
  void set(QuestionKind K, llvm::StringRef About, uint64_t Answer) { All[question(K, About)] = Answer; }
  uint64_t of(llvm::ArrayRef<const ir::Function *>) const;

  std::unordered_map<uint64_t, uint64_t> All; ///< By question.
  std::unordered_map<const ir::Function *, uint64_t> Functions;
  uint64_t Common = 0; ///< What every answer depends on.
};

} // namespace latchkey::flow
