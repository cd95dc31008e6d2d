// The examples in docs/models.md are models.
#include "checks/model/Model.h"

#include "llvm/Support/MemoryBuffer.h"

#include <gtest/gtest.h>

using namespace latchkey::model;

namespace {

/// The fenced blocks of one language.
std::vector<std::string> blocks(llvm::StringRef Text, llvm::StringRef Language) {
  std::vector<std::string> Result;
  std::string Fence = ("```" + Language + "\n").str();
  for (size_t Start; (Start = Text.find(Fence)) != llvm::StringRef::npos;) {
    Text = Text.drop_front(Start + Fence.size());
    Result.push_back(Text.take_front(Text.find("```")).str());
    Text = Text.drop_front(Result.back().size() + 3);
  }
  return Result;
}

TEST(Documentation, ExamplesLoad) {
  auto Page = llvm::MemoryBuffer::getFile(LATCHKEY_SOURCE_DIR "/docs/models.md");
  ASSERT_TRUE(bool(Page));
  std::vector<std::string> Examples = blocks((*Page)->getBuffer(), "yaml");
  EXPECT_GE(Examples.size(), 3u);
  for (const std::string &Example : Examples) {
    Library L = Library::builtin();
    llvm::Error E = L.add(Example, "example.yaml");
    EXPECT_FALSE(bool(E)) << llvm::toString(std::move(E)) << "\nin\n" << Example;
  }
}

TEST(Documentation, ErrorsReadAsShown) {
  auto Page = llvm::MemoryBuffer::getFile(LATCHKEY_SOURCE_DIR "/docs/models.md");
  ASSERT_TRUE(bool(Page));
  std::vector<std::string> Wrong = blocks((*Page)->getBuffer(), "yaml-wrong");
  std::vector<std::string> Messages = blocks((*Page)->getBuffer(), "text");
  ASSERT_EQ(Wrong.size(), 1u);
  ASSERT_EQ(Messages.size(), 1u);
  Library L = Library::builtin();
  EXPECT_EQ(llvm::toString(L.add(Wrong[0], "acme.yaml")) + "\n", Messages[0]);
}

} // namespace
