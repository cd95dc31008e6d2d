// Reads the textual form by recursive descent. Split like the printer: Parse.cpp (module), ParseTree.cpp (bodies),
// ParseValue.cpp (places, values).
#pragma once

#include "checks/ir/Text.h"
#include "checks/ir/TextCursor.h"
#include "checks/ir/TextNames.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"

namespace latchkey::ir::text {

class Parser {
public:
  Parser(llvm::StringRef Text, ParseRanges Ranges) : In(Text), Ranges(Ranges) {}

  llvm::Expected<Module> run();

private:
  // Parse.cpp
  void declaration();
  void moduleHeader();
  void standard(bool &CPlusPlus, unsigned &Standard);
  void statistics();
  void file();
  void type();
  void global();
  void classDeclaration();
  void classPart(Class &);
  void function();
  void variable(Variable::Kind Usual, llvm::StringRef Usually = {});
  void finish();
  std::string id();
  std::string idOr(const std::string &Name);
  void movable(std::vector<MovableCode> &Into);
  void names(llvm::StringRef Word, std::vector<std::string> &Into); ///< `Word(a, b)`, if that comes next.
  uint32_t typeReference();
  uint32_t derivedType(uint32_t Element);
  uint32_t addType(Type);
  /// False, and nothing read, if no range is written here.
  bool range(Range &);
  Range rangeFrom(size_t Start);
  /// The range written here; else, with ParseRanges::FromText, where Start is.
  Range rangeOr(size_t Start);
  template <typename T> bool flag(llvm::ArrayRef<Flag<T>> Flags, T &Object) {
    for (const Flag<T> &F : Flags)
      if (In.takeWord(F.Word))
        return Object.*F.Member = true;
    return false;
  }

  // ParseTree.cpp
  Node node();
  Nodes list();
  Nodes block();
  Node sequence(Sequence::Kind Usual);
  Node effect(Op);
  void effectHead(Effect &);
  bool startsOperand(); ///< A place, and not the first attribute of an effect.
  bool effectDetail(Effect &, Range &NodeWhere, bool &HasNodeWhere);
  Node ifNode();
  Node loop(Loop::Kind);
  Node foreach ();
  Node switchNode();
  SwitchCase switchCase();
  Node tryNode();
  Node cleanup();
  Node returnNode();
  Node throwNode();
  Node leaf(llvm::StringRef Word);
  Condition condition();
  Condition conditionPart();
  Nodes before();

  // ParseValue.cpp
  bool startsPlace();
  Place place();
  Place root();
  uint32_t variableIndex();
  Term term();
  Term product();
  Term factor();
  Value value();
  Value closure();
  std::vector<Value> values(llvm::StringRef Close);
  Predicate predicate();
  void comparison(Predicate &, bool Negated);

  Cursor In;
  ParseRanges Ranges;
  Module M;
  llvm::StringMap<llvm::SmallVector<uint32_t, 1>> TypeNames, GlobalNames, VariableNames;
  struct Forward {
    size_t Where; ///< In the text.
    uint32_t Type;
    std::string Name;
  };
  std::vector<Forward> Elements; ///< Element types by name, which may be declared later.
  bool UsesMainFile = false;
  uint32_t MainFile = 0;
  Function *F = nullptr;
  std::vector<bool> Declared; ///< Which of F's variables have been declared.
};

} // namespace latchkey::ir::text
