#include "tool/Judging.h"

#include "checks/flow/Answers.h"
#include "tool/Cache.h"
#include "tool/Configuration.h"
#include "tool/Jobs.h"

namespace latchkey::driver {

using llvm::StringRef;

/// What the user's configuration has to say of a file.
static std::string identityOf(StringRef Path, Configuration &Config) {
  FileConfiguration File = Config.forFile(Path);
  return File.Identity + "\n" + llvm::join(File.Notices, "\n") + "\n" + llvm::join(File.Mistakes, "\n") + "\n";
}

/// A finding in one file is judged by the configuration of another, too, if the path leads there.
static std::string identityOfAll(llvm::ArrayRef<std::string> Sources, Configuration &Config) {
  std::string All;
  for (const std::string &Source : Sources)
    All += Source + "\n" + identityOf(Source, Config);
  return All;
}

namespace {

/// A source to judge, by what the cache may have of it.
struct Wanted {
  Job Of;
  std::string Exactly;  ///< Key of what came of it in this very program,
  std::string Formerly; ///< and in the last one that had it.
};

class Judge {
public:
  Judge(const Settings &User, const CommandLine &How, Configuration Config)
      : User(User), How(How), Config(std::move(Config)), Kept(User.CacheFolder) {}

  /// Takes what is known of the sources.
  llvm::Error add(ProgramFile Program) {
    const std::string Identity = identityOfAll(Program.Sources, Config);
    std::vector<Wanted> Unknown;
    for (const std::string &Source : Program.Sources) {
      if (How.Linked && !How.Part.takes(Ordinal++))
        continue;
      Wanted W{{Source, std::nullopt, Program.Path}, cacheKey({Program.Hash, Identity, Source}), {}};
      if (auto Known = Kept.findAnalysis(W.Exactly))
        Outcomes.push_back(std::move(*Known));
      else
        Unknown.push_back(std::move(W));
    }
    // One unit by itself is another program whenever anything about it changes.
    bool MayBeFormer = How.Linked && !User.CacheFolder.empty() && !Unknown.empty();
    if (MayBeFormer)
      if (llvm::Error Wrong = ask(std::move(Program), Unknown))
        return Wrong;
    llvm::append_range(Left, Unknown);
    return llvm::Error::success();
  }

  llvm::Expected<std::vector<Outcome>> finish() {
    std::vector<Job> Jobs;
    Jobs.reserve(Left.size());
    for (const Wanted &W : Left)
      Jobs.push_back(W.Of);
    auto Done = runJobs(Jobs, User, How, "judging");
    if (!Done)
      return Done.takeError();
    for (auto [W, Result] : llvm::zip(Left, *Done)) {
      std::vector<uint64_t> Asked = std::move(Result.Asked);
      if (Result.Problem.empty())
        Kept.keepAnalysis(W.Exactly, Result);
      if (Result.Problem.empty() && Now)
        Kept.keepAnswered(W.Formerly, Result, Asked, *Now);
      Outcomes.push_back(std::move(Result));
    }
    return std::move(Outcomes);
  }

private:
  /// What a source asked of another program, this one may answer alike.
  llvm::Error ask(ProgramFile Program, std::vector<Wanted> &Unknown) {
    auto Linked = LinkedProgram::of(std::move(Program));
    if (!Linked)
      return Linked.takeError();
    // Findings in a file are kept or dropped by its configuration.
    Now.emplace((*Linked)->program(), [&](const ir::File &F) {
      std::string About = F.Main ? identityOf(F.Path, Config) : std::string();
      if (!F.System && Config.projectFor(F.Path).isThirdParty(F.Path))
        About += "third-party";
      return About;
    });
    llvm::erase_if(Unknown, [&](Wanted &W) {
      const std::string &Source = W.Of.File, Own = identityOf(Source, Config);
      std::string Present = cacheKey({"answered", Own, Source}), Earlier = cacheKey({"answered earlier", Own, Source});
      W.Formerly = User.Earlier.empty() ? Present : Earlier; // see Analyser::known
      std::optional<Outcome> Known = Kept.findAnswered(W.Formerly, *Now);
      if (!Known && !User.Earlier.empty())
        Known = Kept.findAnswered(Present, *Now);
      if (!Known)
        return false;
      Kept.keepAnalysis(W.Exactly, *Known);
      Outcomes.push_back(std::move(*Known));
      return true;
    });
    return llvm::Error::success();
  }

  const Settings &User;
  const CommandLine &How;
  Configuration Config;
  Cache Kept;
  size_t Ordinal = 0;
  std::vector<Wanted> Left;
  std::optional<flow::Answers> Now; ///< Of the linked program, if something of it was not known.
  std::vector<Outcome> Outcomes;
};

} // namespace

llvm::Expected<std::vector<Outcome>> judge(std::vector<ProgramFile> Programs, const Settings &User,
                                           const CommandLine &How) {
  auto Config = Configuration::create(User);
  if (!Config)
    return Config.takeError();
  Judge All(User, How, std::move(*Config));
  for (ProgramFile &Program : Programs)
    if (llvm::Error Wrong = All.add(std::move(Program)))
      return Wrong;
  return All.finish();
}

} // namespace latchkey::driver
