#include "checks/ir/Parser.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::ir {

namespace text {

llvm::Expected<Module> Parser::run() {
  addType(Type());
  while (!In.failed() && !In.atEnd())
    declaration();
  if (!In.failed())
    finish();
  if (In.failed())
    return llvm::createStringError(llvm::inconvertibleErrorCode(), In.error());
  return std::move(M);
}

void Parser::declaration() {
  if (In.takeWord("module"))
    moduleHeader();
  else if (In.takeWord("stats"))
    statistics();
  else if (In.takeWord("file"))
    file();
  else if (In.takeWord("type"))
    type();
  else if (In.takeWord("global"))
    global();
  else if (In.takeWord("class"))
    classDeclaration();
  else if (In.takeWord("function"))
    function();
  else
    In.fail("expected `type`, `global`, `class`, `function`, `file` or `module`");
  if (!In.atEndOfStatement())
    In.fail("expected the end of the line");
}

void Parser::finish() {
  for (const Forward &E : Elements) {
    auto It = TypeNames.find(E.Name);
    if (It == TypeNames.end() || It->second.size() != 1)
      return In.failAt(E.Where, It == TypeNames.end() ? "there is no type `" + E.Name + "`"
                                                      : "there are several types `" + E.Name + "`: write its index");
    M.Types[E.Type].Element = It->second[0];
  }
  if (UsesMainFile && M.Files.empty()) {
    if (M.MainFile.empty())
      M.MainFile = "main.cpp";
    M.Files.push_back({M.MainFile, false, {}});
  }
  llvm::sort(M.Functions, [](const Function &A, const Function &B) { return A.Id < B.Id; });
  llvm::sort(M.Classes, [](const Class &A, const Class &B) { return A.Id < B.Id; });
}

void Parser::moduleHeader() {
  M.MainFile = In.quoted();
  if (!In.atEndOfStatement())
    standard(M.CPlusPlus, M.Standard);
}

void Parser::standard(bool &CPlusPlus, unsigned &Standard) {
  In.expect("c");
  CPlusPlus = In.take("++");
  Standard = unsigned(In.number());
}

void Parser::statistics() {
  M.Stats.FunctionsSeen = uint32_t(In.number());
  M.Stats.FunctionsLowered = uint32_t(In.number());
  M.Stats.Opaque = uint32_t(In.number());
}

void Parser::file() {
  File &Added = M.Files.emplace_back();
  Added.Path = In.quoted();
  Added.System = In.takeWord("system");
  Added.Main = In.takeWord("main");
  if (In.looksAt("c"))
    standard(Added.CPlusPlus, Added.Standard);
  if (In.takeWord("hash")) {
    Added.Hash[0] = In.number(16);
    Added.Hash[1] = In.number(16);
  }
  MainFile = mainFile(M);
}

std::string Parser::id() {
  if (In.looksAt("op:")) {
    In.take("op:");
    return "op:" + In.name("an effect");
  }
  return In.name("a function");
}

std::string Parser::idOr(const std::string &Name) {
  return In.takeWord("id") ? In.name("an id") : Name;
}

uint32_t Parser::addType(Type T) {
  uint32_t Index = uint32_t(M.Types.size());
  TypeNames[T.Name].push_back(Index);
  M.Types.push_back(std::move(T));
  return Index;
}

void Parser::type() {
  Type T;
  T.Name = In.name("a type's name");
  size_t Start = (In.space(), In.position());
  llvm::StringRef Word = In.peekWord();
  if (auto Kind = fromWord<Type::Kind>(Word)) {
    T.K = *Kind;
    In.takeWord(Word);
  } else {
    In.failAt(Start, "expected what kind of type it is, as `handle`, `counter`, `pointer`, `class` or `number`");
  }
  if (In.takeWord("of")) {
    if (In.take("#"))
      T.Element = uint32_t(In.number());
    else {
      size_t Where = (In.space(), In.position());
      std::string Element = In.name("a type");
      if (In.takeTight('#'))
        T.Element = uint32_t(In.number());
      else
        Elements.push_back({Where, uint32_t(M.Types.size()), Element});
    }
  }
  T.Class = idOr(T.K == Type::Kind::Class ? T.Name : "");
  if (auto End = fromWord<Type::Ending>(In.peekWord())) {
    In.takeWord(wordOf(*End));
    T.End = *End;
  }
  while (flag(typeFlags(), T))
    ;
  if (In.takeWord("joincode"))
    T.JoinCode = In.quoted();
  if (In.takeWord("ask"))
    T.JoinableTest = In.quoted();
  if (In.takeWord("twin")) {
    T.JoiningTwin = In.quoted();
    T.JoiningSince = unsigned(In.number());
  }
  if (In.takeWord("release"))
    T.ReleaseCode = In.quoted();
  if (In.takeWord("hold"))
    T.GuardCode = In.quoted();
  addType(std::move(T));
}

uint32_t Parser::derivedType(uint32_t Element) {
  Type T;
  T.Element = Element;
  T.Name = M.Types[Element].Name;
  if (In.take("[]")) {
    T.K = Type::Kind::Container;
    T.Name += "[]";
  } else if (In.take("&")) {
    T.K = Type::Kind::Pointer;
    T.Reference = true;
    T.Name += " &";
  } else if (In.take("*")) {
    T.K = Type::Kind::Pointer;
    T.Name += " *";
  } else {
    return Element;
  }
  auto It = llvm::find(M.Types, T);
  return derivedType(It != M.Types.end() ? uint32_t(It - M.Types.begin()) : addType(std::move(T)));
}

uint32_t Parser::typeReference() {
  size_t Start = (In.space(), In.position());
  uint32_t Index = 0;
  if (In.peek() == '#') {
    In.take("#");
    Index = uint32_t(In.number());
  } else {
    std::string Name = In.name("a type");
    auto It = TypeNames.find(Name);
    if (In.takeTight('#')) {
      Index = uint32_t(In.number());
    } else if (It == TypeNames.end() && (Name == "int" || Name == "bool")) {
      Type Number;
      Number.K = Type::Kind::Number;
      Number.Name = Name;
      Index = addType(std::move(Number));
    } else if (It == TypeNames.end() || It->second.size() != 1) {
      In.failAt(Start, It == TypeNames.end() ? "there is no type `" + Name + "`: declare it with `type`"
                                             : "there are several types `" + Name + "`: write its index");
    } else {
      Index = It->second[0];
    }
  }
  if (Index >= M.Types.size())
    In.failAt(Start, "there is no type with this index");
  return In.failed() ? 0 : derivedType(Index);
}

Range Parser::rangeFrom(size_t Start) {
  Cursor::LineColumn At = In.lineColumn(Start);
  UsesMainFile = true;
  Range R;
  R.File = MainFile;
  R.Line = At.Line;
  R.Column = At.Column;
  R.Offset = uint32_t(Start);
  return R;
}

Range Parser::rangeOr(size_t Start) {
  Range R;
  return range(R) || Ranges == ParseRanges::AsWritten || In.failed() ? R : rangeFrom(Start);
}

bool Parser::range(Range &R) {
  if (!In.take("@"))
    return false;
  R.File = MainFile;
  if (In.takeTight('#')) {
    R.File = In.takeWord("none") ? Range::NoFile : uint32_t(In.number());
    In.expect(":");
  } else {
    UsesMainFile = true;
  }
  R.Line = uint32_t(In.number());
  In.expect(":");
  R.Column = uint32_t(In.number());
  if (In.takeTight('+'))
    R.Length = uint32_t(In.number());
  if (In.takeTight('~'))
    R.Offset = uint32_t(In.number());
  R.Macro = In.takeTight('!');
  return true;
}

void Parser::global() {
  Global G;
  G.Name = In.name("a global's name");
  G.Id = idOr(G.Name);
  if (In.take(":"))
    G.Type = typeReference();
  G.Internal = In.takeWord("internal");
  G.Constant = In.takeWord("constant");
  range(G.Where);
  GlobalNames[G.Name].push_back(uint32_t(M.Globals.size()));
  M.Globals.push_back(std::move(G));
}

void Parser::classPart(Class &C) {
  if (In.takeWord("field")) {
    Field Added;
    Added.Name = In.name("a field's name");
    if (In.take(":"))
      Added.Type = typeReference();
    Added.InClassInitialiser = In.takeWord("initialised");
    Added.Trivial = In.takeWord("trivial");
    Added.Private = In.takeWord("private");
    range(Added.Where);
    if (In.takeWord("spelled") && !range(Added.Spelled))
      In.fail("expected a range");
    C.Fields.push_back(std::move(Added));
  } else if (In.takeWord("destructor")) {
    C.Destructor = id();
  } else if (In.takeWord("method")) {
    C.Methods.push_back(id());
  } else if (In.takeWord("move")) {
    movable(C.Movables);
  } else {
    In.fail("expected `field`, `destructor` or `method`");
  }
  if (!In.atEndOfStatement())
    In.fail("expected the end of the line");
}

void Parser::classDeclaration() {
  size_t Start = (In.space(), In.position());
  Class C;
  C.Name = In.name("a class's name");
  C.Id = idOr(C.Name);
  if (llvm::any_of(M.Classes, [&](const Class &Other) { return Other.Id == C.Id; }))
    In.failAt(Start, "the class `" + C.Id + "` is defined twice");
  if (In.take(":"))
    do
      C.Bases.push_back(In.name("a class"));
    while (In.take(","));
  while (flag(classFlags(), C))
    ;
  range(C.Where);
  if (In.take("{"))
    for (In.separators(); !In.failed() && !In.take("}"); In.separators())
      classPart(C);
  M.Classes.push_back(std::move(C));
}

void Parser::variable(Variable::Kind Usual, llvm::StringRef Usually) {
  size_t Start = (In.space(), In.position());
  Variable V;
  V.K = Usual;
  V.Name = Usually.empty() ? In.name("a variable's name") : Usually.str();
  uint32_t Index = uint32_t(llvm::find(Declared, false) - Declared.begin());
  if (In.takeTight('#'))
    Index = uint32_t(In.number());
  if (Index >= Declared.size() + 100'000)
    In.failAt(Start, "the index is too large");
  if (In.failed())
    return;
  if (Index >= Declared.size()) {
    Declared.resize(Index + 1);
    F->Variables.resize(Index + 1);
  }
  if (Declared[Index])
    return In.failAt(Start, "two variables have the index " + llvm::Twine(Index));
  if (In.take(":"))
    V.Type = typeReference();
  if (auto Kind = fromWord<Variable::Kind>(In.peekWord())) {
    In.takeWord(wordOf(*Kind));
    V.K = *Kind;
  }
  while (flag(variableFlags(), V))
    ;
  if (In.takeWord("hides"))
    V.Hides = place();
  range(V.Where);
  if (In.takeWord("in") && !range(V.Statement))
    In.fail("expected a range");
  if (In.takeWord("spelled") && !range(V.Spelled))
    In.fail("expected a range");
  if (V.K == Variable::Kind::This)
    F->This = Index;
  else if (Usual == Variable::Kind::Parameter)
    F->Parameters.push_back(Index);
  else if (Usual == Variable::Kind::Capture)
    F->Captures.push_back(Index);
  VariableNames[V.Name].push_back(Index);
  Declared[Index] = true;
  F->Variables[Index] = std::move(V);
}

void Parser::movable(std::vector<MovableCode> &Into) {
  MovableCode Read;
  Read.Text = In.quoted();
  range(Read.Lines);
  names("names", Read.Names);
  while (In.takeWord("to")) {
    Slot &To = Read.Slots.emplace_back();
    if (!range(To.At))
      In.fail("expected a range");
    To.Objects = uint32_t(In.number());
    To.Ways = uint32_t(In.number());
    To.Tested = In.takeWord("tested");
  }
  Read.Unused = In.takeWord("unused");
  if (In.takeWord("outside") && !range(Read.Outside))
    In.fail("expected a range");
  Into.push_back(std::move(Read));
}

void Parser::names(llvm::StringRef Word, std::vector<std::string> &Into) {
  if (!In.takeWord(Word))
    return;
  In.expect("(");
  do
    Into.push_back(In.name("a name"));
  while (In.take(","));
  In.expect(")");
}

void Parser::function() {
  size_t Start = (In.space(), In.position());
  Function Fn;
  F = &Fn;
  VariableNames.clear();
  Declared.clear();
  Fn.Name = In.name("a function's name");
  Fn.Id = idOr(Fn.Name);
  if (llvm::any_of(M.Functions, [&](const Function &Other) { return Other.Id == Fn.Id; }))
    In.failAt(Start, "the function `" + Fn.Id + "` is defined twice");
  if (In.take("[") && !In.take("]")) {
    do
      variable(Variable::Kind::Capture);
    while (In.take(","));
    In.expect("]");
  }
  In.expect("(");
  if (!In.take(")")) {
    do {
      bool IsThis = In.takeWord("this");
      bool Renamed = IsThis && In.take("=");
      variable(IsThis ? Variable::Kind::This : Variable::Kind::Parameter, IsThis && !Renamed ? "this" : "");
    } while (In.take(","));
    In.expect(")");
  }
  if (In.take("->"))
    Fn.ReturnType = typeReference();
  if (In.takeWord("class"))
    Fn.Class = In.name("a class");
  while (flag(functionFlags(), Fn))
    ;
  names("fields", Fn.Fields);
  names("overrides", Fn.Overrides);
  if (In.takeWord("opaque"))
    Fn.OpaqueReason = In.quoted();
  Fn.Where = rangeOr(Start);
  if (In.takeWord("begin") && !range(Fn.Begin))
    In.fail("expected a range");
  bool HasEnd = In.takeWord("end") && range(Fn.End);
  if (In.takeWord("default") && !range(Fn.CaptureDefault))
    In.fail("expected a range");
  if (In.peek() == '{' || In.looksAtWord("unbraced") || fromWord<Sequence::Kind>(In.peekWord()))
    Fn.Body = std::move(*sequence(Sequence::Kind::Body).as<Sequence>());
  if (!HasEnd && Ranges == ParseRanges::FromText)
    Fn.End = Fn.Body.End;
  if (llvm::is_contained(Declared, false))
    In.failAt(Start, "a variable of `" + Fn.Name + "` is missing: their indices have a hole");
  F = nullptr;
  M.Functions.push_back(std::move(Fn));
}

} // namespace text

llvm::Expected<Module> parse(llvm::StringRef Text, ParseRanges Ranges) {
  return text::Parser(Text, Ranges).run();
}

} // namespace latchkey::ir
