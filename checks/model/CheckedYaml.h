// YAML whose every key and value is checked: mistakes are collected with their line and column, all of one file at
// once.
#pragma once

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

#include <string>
#include <vector>

namespace latchkey::model {

class CheckedYaml {
public:
  /// Yaml and Name must outlive this; Name is what mistakes begin with.
  CheckedYaml(llvm::StringRef Yaml, llvm::StringRef Name);
  CheckedYaml(const CheckedYaml &) = delete;

  /// Visits the root of each document that holds anything. The error has one mistake per line, as
  /// `Name:line:column: message`.
  llvm::Error read(llvm::function_ref<void(llvm::yaml::Node &Root)> Visit);

  using Visit = llvm::function_ref<void(llvm::StringRef Key, llvm::yaml::Node &KeyNode, llvm::yaml::Node &Value)>;
  /// Keys must be in Allowed (any if that is empty) and there only once.
  void mapping(llvm::yaml::Node &, llvm::StringRef What, llvm::ArrayRef<llvm::StringRef> Allowed, Visit);
  /// One value, or a list of them.
  void list(llvm::yaml::Node &, llvm::function_ref<void(llvm::yaml::Node &)>);
  /// The text of a scalar; empty and an error if Node is none.
  llvm::StringRef scalar(llvm::yaml::Node &, llvm::SmallVectorImpl<char> &Storage, llvm::StringRef What);
  /// `true` or `false`; false and an error if Node is neither.
  bool boolean(llvm::yaml::Node &);

  void error(llvm::yaml::Node &, const llvm::Twine &);
  /// At a place inside a scalar. In a quoted one without escapes the text starts after the quote.
  void error(llvm::yaml::Node &, size_t Offset, const llvm::Twine &);

  size_t mistakes() const { return Errors.size(); }
  /// `Name:line:column`
  std::string place(llvm::yaml::Node &);

private:
  void problem(const llvm::SMDiagnostic &);
  void errorAt(llvm::SMLoc, const llvm::Twine &);
  const char *start(llvm::yaml::Node &) const;

  llvm::StringRef Yaml, Name;
  llvm::SourceMgr Sources;
  llvm::yaml::Stream Stream;
  std::vector<std::string> Errors;
};

} // namespace latchkey::model
