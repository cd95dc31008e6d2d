#include "checks/model/Reader.h"

#include "checks/model/CheckedYaml.h"
#include "checks/model/Statements.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::model {

namespace yaml = llvm::yaml;
using llvm::StringRef;

namespace {

class Reader : CheckedYaml {
public:
  Reader(StringRef Yaml, StringRef Name, llvm::function_ref<const TypeModel *(StringRef)> Known)
      : CheckedYaml(Yaml, Name), Known(Known) {}

  llvm::Expected<Tables> run() {
    if (llvm::Error Wrong = read([&](yaml::Node &Root) { document(Root); }))
      return Wrong;
    return std::move(Result);
  }

private:
  void document(yaml::Node &);
  void type(StringRef Name, yaml::Node &);
  void typeKey(TypeModel &, StringRef Key, yaml::Node &);
  void like(TypeModel &, yaml::Node &);
  void traits(TypeModel &, yaml::Node &);
  void fix(TypeModel &, yaml::Node &);
  void methods(TypeModel &, yaml::Node &);
  std::vector<FunctionModel> overloads(StringRef Name, yaml::Node &);
  FunctionModel function(StringRef Name, yaml::Node &);

  using CheckedYaml::error;
  void error(yaml::Node &Node, const TextError &E) {
    if (!E.Message.empty())
      error(Node, E.Where, E.Message);
  }

  llvm::function_ref<const TypeModel *(StringRef)> Known;
  Tables Result;
};

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
  size_t MistakesBefore = mistakes();
  if (llvm::isa<yaml::ScalarNode>(Entry))
    traits(T, Entry);
  else
    mapping(Entry, "a type", {"like", "is", "fix", "constructors", "methods", "waits-in-constructor"},
            [&](StringRef Key, yaml::Node &, yaml::Node &Value) { typeKey(T, Key, Value); });
  T.Name = TypeName.str();
  if (T.Traits.K == ir::Type::Kind::Other && T.Constructors.empty() && T.Methods.empty() &&
      mistakes() == MistakesBefore)
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
    T.BlocksInConstructor = boolean(Value);
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

static std::string &code(ir::Type &Traits, StringRef Key) {
  return Key == "join"      ? Traits.JoinCode
         : Key == "ask"     ? Traits.JoinableTest
         : Key == "release" ? Traits.ReleaseCode
                            : Traits.GuardCode;
}

void Reader::fix(TypeModel &T, yaml::Node &Value) {
  mapping(Value, "a fix", {"join", "ask", "twin", "since", "release", "hold"},
          [&](StringRef Key, yaml::Node &, yaml::Node &Part) {
            llvm::SmallString<32> Storage;
            StringRef Text = scalar(Part, Storage, "code");
            if (Key == "twin")
              T.Traits.JoiningTwin = Text.str();
            else if (Key == "since" && Text.getAsInteger(10, T.Traits.JoiningSince))
              error(Part, "expected the year of a C++ standard, as `20`");
            else if (Key != "since" && !Text.contains("{}"))
              error(Part, "expected code with `{}` for the object, as `\"{}.join();\"`");
            else if (Key != "since")
              code(T.Traits, Key) = Text.str();
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
