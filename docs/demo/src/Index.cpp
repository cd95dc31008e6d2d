#include "Index.h"

#include <iterator>

namespace logdex {

void Index::add(const std::string &File, const Lines &Content) {
  std::lock_guard<std::mutex> Lock(Mutex);
  for (std::size_t I = 0; I < Content.size(); ++I)
    for (const std::string &Word : words(Content[I]))
      Words[Word].push_back({File, I + 1});
}

std::vector<Hit> Index::find(const std::string &Word) const {
  std::lock_guard<std::mutex> Lock(Mutex);
  auto It = Words.find(Word);
  return It == Words.end() ? std::vector<Hit>() : It->second;
}

std::size_t Index::size() const {
  std::lock_guard<std::mutex>{Mutex};
  return Words.size();
}

void Index::forget(const std::string &File) {
  if (Concurrent) {
    std::lock_guard<std::mutex> Lock(Mutex);
  }
  for (auto It = Words.begin(); It != Words.end();) {
    std::erase_if(It->second, [&](const Hit &H) { return H.File == File; });
    It = It->second.empty() ? Words.erase(It) : std::next(It);
  }
}

} // namespace logdex
