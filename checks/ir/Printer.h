// Writes the textual form. Split over Print.cpp (module), PrintTree.cpp (bodies) and PrintValue.cpp (places, values).
#pragma once

#include "checks/ir/Text.h"
#include "checks/ir/TextNames.h"

#include "llvm/ADT/StringMap.h"

namespace latchkey::ir::text {

class Printer {
public:
  Printer(const Module &M, llvm::raw_ostream &Out, PrintRanges Ranges);

  void module();
  void enter(const Function &);
  void effect(const Effect &);

private:
  // Print.cpp
  void type(const Type &);
  void global(const Global &);
  void classDeclaration(const Class &);
  void function(const Function &);
  void parameters(const Function &, std::vector<bool> &Placed);
  void locals(const Function &, std::vector<bool> &Placed);
  void movables(llvm::ArrayRef<MovableCode>);
  void variable(const Function &, uint32_t Index, Variable::Kind Expected, std::vector<bool> &Placed);
  void name(llvm::StringRef);                                          ///< Quoted where it is not one plain name.
  void names(llvm::StringRef Word, llvm::ArrayRef<std::string> Names); ///< ` Word(a, b)`, or nothing if there are none.
  void id(llvm::StringRef);                                            ///< A function's or class's; also `op:unlock`.
  void quoted(llvm::StringRef);
  void typeReference(uint32_t);
  void range(const Range &, llvm::StringRef Before = " ");
  template <typename T> void flags(llvm::ArrayRef<Flag<T>> Flags, const T &Object) {
    for (const Flag<T> &F : Flags)
      if (Object.*F.Member)
        Out << ' ' << F.Word;
  }

  // PrintTree.cpp
  void line();
  void node(const Node &);
  void children(const Nodes &);
  void list(const Nodes &);  ///< `{ … }` around nodes.
  void block(const Nodes &); ///< The one Block of a branch or loop.
  void sequence(const Sequence &, const Range &Where, Sequence::Kind Usual);
  void print(const If &, const Range &);
  void print(const Loop &, const Range &);
  void print(const Foreach &, const Range &);
  void print(const Switch &, const Range &);
  void print(const Try &, const Range &);
  void print(const Cleanup &, const Range &);
  void print(const Return &, const Range &);
  void print(const Throw &, const Range &);
  void condition(const Condition &);
  void before(const Nodes &);

  // PrintValue.cpp
  void place(const Place &, bool WithIndex = false);
  void root(const Place &, bool WithIndex = false);
  void term(const Term &);
  void atom(const Atom &);
  void value(const Value &);
  void values(llvm::ArrayRef<Value>, char Open, char Close);
  void predicate(const Predicate &);
  void comparison(const Predicate &);

  const Module &M;
  llvm::raw_ostream &Out;
  PrintRanges Ranges;
  uint32_t MainFile = 0;                                           ///< Index of the file that ranges leave out.
  llvm::StringMap<unsigned> TypeNames, GlobalNames, VariableNames; ///< How often each is used.
  const Function *F = nullptr;
  unsigned Depth = 0;
};

} // namespace latchkey::ir::text
