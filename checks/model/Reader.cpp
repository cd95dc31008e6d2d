#include "checks/model/Reader.h"

#include "checks/model/Statements.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/YAMLParser.h"

namespace latchkey::model {

namespace yaml = llvm::yaml;
using llvm::StringRef;

namespace {

class Reader {
public:
  Reader(StringRef Yaml, StringRef Name, llvm::function_ref<const TypeModel *(StringRef)> Known)
      : Yaml(Yaml), Name(Name), Known(Known), Stream(Yaml, Sources) {
    Sources.setDiagHandler([](const llvm::SMDiagnostic &D, void *Self) { static_cast<Reader *>(Self)->problem(D); },
                           this);
  }

  llvm::Expected<Tables> run() {
    for (yaml::Document &Document : Stream) {
      yaml::Node *Root = Document.getRoot();
      if (Root && !llvm::isa<yaml::NullNode>(Root))
        document(*Root);
      if (Stream.failed())
        break;
    }
    if (!Errors.empty())
      return llvm::createStringError(llvm::inconvertibleErrorCode(), llvm::join(Errors, "\n"));
    return std::move(Result);
  }

private:
  using Visit = llvm::function_ref<void(StringRef Key, yaml::Node &KeyNode, yaml::Node &Value)>;
  /// Keys must be in Allowed (any if that is empty) and there only once.
  void mapping(yaml::Node &, StringRef What, llvm::ArrayRef<StringRef> Allowed, Visit);
  void document(yaml::Node &);
  void type(StringRef Name, yaml::Node &);
  void typeKey(TypeModel &, StringRef Key, yaml::Node &);
  void like(TypeModel &, yaml::Node &);
  void traits(TypeModel &, yaml::Node &);
  void fix(TypeModel &, yaml::Node &);
  void methods(TypeModel &, yaml::Node &);
  std::vector<FunctionModel> overloads(StringRef Name, yaml::Node &);
  FunctionModel function(StringRef Name, yaml::Node &);

  /// The text of a scalar; empty and an error if Node is none.
  StringRef scalar(yaml::Node &, llvm::SmallVectorImpl<char> &Storage, StringRef What);
  void problem(const llvm::SMDiagnostic &D);
  void error(llvm::SMLoc, const llvm::Twine &);
  void error(yaml::Node &, const llvm::Twine &);
  /// Inside a scalar. In a quoted one without escapes, which is all that models need, the text starts after the quote.
  void error(yaml::Node &, const TextError &);

  StringRef Yaml, Name;
  llvm::function_ref<const TypeModel *(StringRef)> Known;
  llvm::SourceMgr Sources;
  yaml::Stream Stream;
  Tables Result;
  std::vector<std::string> Errors;
};

void Reader::problem(const llvm::SMDiagnostic &D) {
  // Below the first error YAML's parser says the same in other words.
  if (Errors.empty())
    Errors.push_back(
        (Name + ":" + llvm::Twine(D.getLineNo()) + ":" + llvm::Twine(D.getColumnNo() + 1) + ": " + D.getMessage())
            .str());
}

void Reader::error(llvm::SMLoc Where, const llvm::Twine &Message) {
  if (Stream.failed() || Errors.size() >= 20)
    return;
  auto [Line, Column] = Sources.getLineAndColumn(Where);
  Errors.push_back((Name + ":" + llvm::Twine(Line) + ":" + llvm::Twine(Column) + ": " + Message).str());
}

void Reader::error(yaml::Node &Node, const llvm::Twine &Message) {
  const char *Start = Node.getSourceRange().Start.getPointer();
  // YAML's parser lets `{…}` and `[…]` begin after the bracket.
  if (!llvm::isa<yaml::ScalarNode>(Node) && Start != Yaml.data() && (Start[-1] == '{' || Start[-1] == '['))
    --Start;
  error(llvm::SMLoc::getFromPointer(Start), Message);
}

void Reader::error(yaml::Node &Node, const TextError &E) {
  if (E.Message.empty())
    return;
  const char *Start = Node.getSourceRange().Start.getPointer();
  if (*Start == '"' || *Start == '\'')
    ++Start;
  error(llvm::SMLoc::getFromPointer(Start + E.Where), E.Message);
}

StringRef Reader::scalar(yaml::Node &Node, llvm::SmallVectorImpl<char> &Storage, StringRef What) {
  if (auto *Scalar = llvm::dyn_cast<yaml::ScalarNode>(&Node))
    return Scalar->getValue(Storage);
  error(Node, "expected " + What);
  Node.skip();
  return "";
}

void Reader::mapping(yaml::Node &Node, StringRef What, llvm::ArrayRef<StringRef> Allowed, Visit Each) {
  auto *Map = llvm::dyn_cast<yaml::MappingNode>(&Node);
  if (!Map) {
    error(Node, "expected " + What);
    Node.skip();
    return;
  }
  llvm::StringSet<> Seen;
  for (yaml::KeyValueNode &Entry : *Map) {
    yaml::Node *KeyNode = Entry.getKey();
    if (!KeyNode || Stream.failed())
      return;
    llvm::SmallString<32> Storage;
    std::string Key = scalar(*KeyNode, Storage, "a key").str();
    yaml::Node *Value = Entry.getValue();
    if (!Value || Stream.failed())
      return;
    if (!Allowed.empty() && !llvm::is_contained(Allowed, StringRef(Key))) {
      error(*KeyNode, "unknown key `" + Key + "` in " + What + suggestion(Key, Allowed));
      Value->skip();
    } else if (!Seen.insert(Key).second) {
      error(*KeyNode, "`" + Key + "` is there twice");
      Value->skip();
    } else {
      Each(Key, *KeyNode, *Value);
    }
  }
}

void Reader::document(yaml::Node &Root) {
  mapping(Root, "a table of models", {"types", "functions"}, [&](StringRef Part, yaml::Node &, yaml::Node &Value) {
    if (Part == "types") {
      mapping(Value, "types by name", {}, [&](StringRef Name, yaml::Node &, yaml::Node &Entry) { type(Name, Entry); });
      return;
    }
    mapping(Value, "functions by name", {}, [&](StringRef Name, yaml::Node &, yaml::Node &Entry) {
      Result.Functions.emplace_back(Name.str(), overloads(Name, Entry));
    });
  });
}

void Reader::type(StringRef TypeName, yaml::Node &Entry) {
  TypeModel T;
  size_t ErrorsBefore = Errors.size();
  if (llvm::isa<yaml::ScalarNode>(Entry))
    traits(T, Entry);
  else
    mapping(Entry, "a type", {"like", "is", "fix", "constructors", "methods", "waits-in-constructor"},
            [&](StringRef Key, yaml::Node &, yaml::Node &Value) { typeKey(T, Key, Value); });
  T.Name = TypeName.str();
  if (T.Traits.K == ir::Type::Kind::Other && T.Constructors.empty() && T.Methods.empty() &&
      Errors.size() == ErrorsBefore)
    error(Entry, "the type `" + TypeName + "` says nothing: give `is` or `like`");
  Result.Types.push_back(std::move(T));
}

void Reader::typeKey(TypeModel &T, StringRef Key, yaml::Node &Value) {
  if (Key == "like") {
    like(T, Value);
  } else if (Key == "is") {
    traits(T, Value);
  } else if (Key == "fix") {
    fix(T, Value);
  } else if (Key == "constructors") {
    T.Constructors = overloads("", Value);
  } else if (Key == "methods") {
    methods(T, Value);
  } else {
    llvm::SmallString<8> Storage;
    StringRef Text = scalar(Value, Storage, "`true` or `false`");
    if (Text != "true" && Text != "false")
      error(Value, "expected `true` or `false`");
    T.BlocksInConstructor = Text == "true";
  }
}

void Reader::like(TypeModel &T, yaml::Node &Value) {
  llvm::SmallString<32> Storage;
  StringRef Other = scalar(Value, Storage, "a type's name");
  auto It = llvm::find_if(Result.Types, [&](const TypeModel &Mine) { return Mine.Name == Other; });
  const TypeModel *Model = It != Result.Types.end() ? &*It : Known(Other);
  if (!Model)
    error(Value, "there is no model of `" + Other + "` before this one");
  else if (T.Traits.K != ir::Type::Kind::Other || !T.Constructors.empty() || !T.Methods.empty())
    error(Value, "`like` must come first: what follows changes the copy");
  else
    T = *Model;
}

void Reader::traits(TypeModel &T, yaml::Node &Value) {
  llvm::SmallString<32> Storage;
  error(Value, parseTraits(scalar(Value, Storage, "what the type is"), T.Traits));
}

void Reader::fix(TypeModel &T, yaml::Node &Value) {
  mapping(Value, "a fix", {"join", "ask", "twin", "since"}, [&](StringRef Key, yaml::Node &, yaml::Node &Part) {
    llvm::SmallString<32> Storage;
    StringRef Text = scalar(Part, Storage, "code");
    if (Key == "twin")
      T.Traits.JoiningTwin = Text.str();
    else if (Key == "since" && Text.getAsInteger(10, T.Traits.JoiningSince))
      error(Part, "expected the year of a C++ standard, as `20`");
    else if (Key != "since" && !Text.contains("{}"))
      error(Part, "expected code with `{}` for the object, as `\"{}.join();\"`");
    else if (Key != "since")
      (Key == "join" ? T.Traits.JoinCode : T.Traits.JoinableTest) = Text.str();
  });
}

void Reader::methods(TypeModel &T, yaml::Node &Value) {
  mapping(Value, "methods by name", {}, [&](StringRef Name, yaml::Node &, yaml::Node &Entry) {
    llvm::erase_if(T.Methods, [&](const FunctionModel &Inherited) { return Inherited.Name == Name; });
    llvm::append_range(T.Methods, overloads(Name, Entry));
  });
}

std::vector<FunctionModel> Reader::overloads(StringRef Name, yaml::Node &Entry) {
  std::vector<FunctionModel> Models;
  if (!llvm::isa<yaml::MappingNode>(Entry)) {
    Models.push_back(function(Name, Entry));
    return Models;
  }
  mapping(Entry, "overloads by signature", {}, [&](StringRef Signature, yaml::Node &Key, yaml::Node &Value) {
    FunctionModel Model = function(Name, Value);
    error(Key, parseSignature(Signature, Model));
    Models.push_back(std::move(Model));
  });
  return Models;
}

FunctionModel Reader::function(StringRef Name, yaml::Node &Entry) {
  FunctionModel Model;
  Model.Name = Name.str();
  llvm::SmallString<64> Storage;
  StringRef Text = scalar(Entry, Storage, "what it does, as `join this`, or overloads by signature");
  if (llvm::isa<yaml::ScalarNode>(Entry))
    error(Entry, parseStatements(Text, Model));
  return Model;
}

} // namespace

llvm::Expected<Tables> readTables(StringRef Yaml, StringRef Name,
                                  llvm::function_ref<const TypeModel *(StringRef)> Known) {
  return Reader(Yaml, Name, Known).run();
}

} // namespace latchkey::model
