#include "checks/model/CheckedYaml.h"

#include "checks/model/Statements.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace latchkey::model {

namespace yaml = llvm::yaml;
using llvm::StringRef;

CheckedYaml::CheckedYaml(StringRef Yaml, StringRef Name) : Yaml(Yaml), Name(Name), Stream(Yaml, Sources) {
  Sources.setDiagHandler([](const llvm::SMDiagnostic &D, void *Self) { static_cast<CheckedYaml *>(Self)->problem(D); },
                         this);
}

llvm::Error CheckedYaml::read(llvm::function_ref<void(yaml::Node &)> Visit) {
  for (yaml::Document &Document : Stream) {
    yaml::Node *Root = Document.getRoot();
    if (Root && !llvm::isa<yaml::NullNode>(Root))
      Visit(*Root);
    if (Stream.failed())
      break;
  }
  if (Errors.empty())
    return llvm::Error::success();
  return llvm::createStringError(llvm::inconvertibleErrorCode(), llvm::join(Errors, "\n"));
}

void CheckedYaml::problem(const llvm::SMDiagnostic &D) {
  // Below the first error YAML's parser says the same in other words.
  if (Errors.empty())
    Errors.push_back(
        (Name + ":" + llvm::Twine(D.getLineNo()) + ":" + llvm::Twine(D.getColumnNo() + 1) + ": " + D.getMessage())
            .str());
}

void CheckedYaml::errorAt(llvm::SMLoc Where, const llvm::Twine &Message) {
  if (Stream.failed() || Errors.size() >= 20)
    return;
  auto [Line, Column] = Sources.getLineAndColumn(Where);
  Errors.push_back((Name + ":" + llvm::Twine(Line) + ":" + llvm::Twine(Column) + ": " + Message).str());
}

const char *CheckedYaml::start(yaml::Node &Node) const {
  const char *Start = Node.getSourceRange().Start.getPointer();
  // YAML's parser lets `{…}` and `[…]` begin after the bracket.
  if (!llvm::isa<yaml::ScalarNode>(Node) && Start != Yaml.data() && (Start[-1] == '{' || Start[-1] == '['))
    --Start;
  return Start;
}

void CheckedYaml::error(yaml::Node &Node, const llvm::Twine &Message) {
  errorAt(llvm::SMLoc::getFromPointer(start(Node)), Message);
}

void CheckedYaml::error(yaml::Node &Node, size_t Offset, const llvm::Twine &Message) {
  const char *Start = Node.getSourceRange().Start.getPointer();
  if (*Start == '"' || *Start == '\'')
    ++Start;
  errorAt(llvm::SMLoc::getFromPointer(Start + Offset), Message);
}

std::string CheckedYaml::place(yaml::Node &Node) {
  auto [Line, Column] = Sources.getLineAndColumn(llvm::SMLoc::getFromPointer(start(Node)));
  return (Name + ":" + llvm::Twine(Line) + ":" + llvm::Twine(Column)).str();
}

StringRef CheckedYaml::scalar(yaml::Node &Node, llvm::SmallVectorImpl<char> &Storage, StringRef What) {
  if (auto *Scalar = llvm::dyn_cast<yaml::ScalarNode>(&Node))
    return Scalar->getValue(Storage);
  error(Node, "expected " + What);
  Node.skip();
  return "";
}

bool CheckedYaml::boolean(yaml::Node &Node) {
  llvm::SmallString<8> Storage;
  bool Scalar = llvm::isa<yaml::ScalarNode>(Node);
  StringRef Text = scalar(Node, Storage, "`true` or `false`");
  if (Scalar && Text != "true" && Text != "false")
    error(Node, "expected `true` or `false`");
  return Text == "true";
}

void CheckedYaml::list(yaml::Node &Node, llvm::function_ref<void(yaml::Node &)> Each) {
  auto *Sequence = llvm::dyn_cast<yaml::SequenceNode>(&Node);
  if (!Sequence)
    return Each(Node);
  for (yaml::Node &Entry : *Sequence) {
    if (Stream.failed())
      return;
    Each(Entry);
  }
}

void CheckedYaml::mapping(yaml::Node &Node, StringRef What, llvm::ArrayRef<StringRef> Allowed, Visit Each) {
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

} // namespace latchkey::model
