// Layout: magic, version, size and checksum of the rest; the strings, each once; the module, its numbers as LEB128. A
// range is written as the difference from the one before it, since neighbours in the tree are neighbours in the file.
#include "checks/ir/Binary.h"

#include "checks/ir/Fields.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/LEB128.h"
#include "llvm/Support/xxhash.h"

namespace latchkey::ir {

namespace {

constexpr llvm::StringLiteral Magic = "LKIR";
constexpr size_t HeaderSize = 4 + 4 + 8 + 16; // magic, version, size, checksum

/// How deep trees may nest before a file is taken for damaged: more than any parser of C++ takes.
constexpr unsigned DeepestTree = 10'000;

/// Of a range, before its numbers.
enum RangeTag : uint8_t { NoRange, SameFile, SameFileMacro, OtherFile, OtherFileMacro };

std::array<uint64_t, 2> checksum(llvm::StringRef Bytes) {
  llvm::XXH128_hash_t Hash = llvm::xxh3_128bits(llvm::arrayRefFromStringRef(Bytes));
  return {Hash.low64, Hash.high64};
}

class Writer {
public:
  std::string finish(const Module &M) {
    (*this)(const_cast<Module &>(M)); // fields() serves readers too
    std::string Payload;
    llvm::raw_string_ostream Whole(Payload);
    llvm::encodeULEB128(Table.size(), Whole);
    for (llvm::StringRef Text : Table) {
      llvm::encodeULEB128(Text.size(), Whole);
      Whole << Text;
    }
    Whole << Bytes;
    std::string Result(HeaderSize, '\0');
    llvm::copy(Magic, Result.begin());
    llvm::support::endian::write32le(&Result[4], Module::Version);
    llvm::support::endian::write64le(&Result[8], Payload.size());
    auto Sum = checksum(Payload);
    llvm::support::endian::write64le(&Result[16], Sum[0]);
    llvm::support::endian::write64le(&Result[24], Sum[1]);
    return Result + Payload;
  }

  template <std::unsigned_integral T> void operator()(T &Number) { llvm::encodeULEB128(Number, Out); }
  void operator()(int64_t &Number) { llvm::encodeSLEB128(Number, Out); }
  template <typename T>
    requires std::is_enum_v<T>
  void operator()(T &Enumerator) {
    Out << char(Enumerator);
  }
  template <typename... Bools> void flags(Bools &...Flag) {
    uint64_t Bits = 0, Next = 1;
    ((Bits |= Flag ? Next : 0, Next <<= 1), ...);
    llvm::encodeULEB128(Bits, Out);
  }
  void operator()(std::string &Text) {
    auto [Found, New] = Indices.try_emplace(Text, Table.size());
    if (New)
      Table.push_back(Found->first());
    llvm::encodeULEB128(Found->second, Out);
  }
  void operator()(Range &R) {
    if (!R.valid() && R == Range()) {
      Out << char(NoRange);
      return;
    }
    bool Same = R.File == Last.File;
    Out << char(Same ? (R.Macro ? SameFileMacro : SameFile) : (R.Macro ? OtherFileMacro : OtherFile));
    if (!Same)
      llvm::encodeULEB128(R.File, Out);
    llvm::encodeSLEB128(int64_t(R.Line) - Last.Line, Out);
    llvm::encodeULEB128(R.Column, Out);
    llvm::encodeSLEB128(int64_t(R.Offset) - Last.Offset, Out);
    llvm::encodeULEB128(R.Length, Out);
    Last = R;
  }
  template <typename T> void operator()(std::vector<T> &List) {
    llvm::encodeULEB128(List.size(), Out);
    for (T &One : List)
      (*this)(One);
  }
  template <typename T> void tree(std::vector<T> &List) { (*this)(List); }
  template <typename... T> void operator()(std::variant<T...> &V) {
    Out << char(V.index());
    std::visit([&](auto &Alternative) { (*this)(Alternative); }, V);
  }
  template <typename T>
    requires std::is_class_v<T>
  void operator()(T &Object) {
    fields(*this, Object);
  }

private:
  std::string Bytes;
  llvm::raw_string_ostream Out{Bytes};
  llvm::StringMap<size_t> Indices;
  std::vector<llvm::StringRef> Table;
  Range Last;
};

/// The first thing that does not fit sticks; everything after it reads as nothing.
class Reader {
public:
  explicit Reader(llvm::StringRef Payload) : At(Payload.bytes_begin()), End(Payload.bytes_end()) {}

  bool run(Module &M) {
    uint64_t Strings = count();
    for (uint64_t I = 0; I != Strings && !Failed; ++I) {
      uint64_t Size = unsignedNumber();
      if (Size > uint64_t(End - At))
        return false;
      Table.emplace_back(reinterpret_cast<const char *>(At), Size);
      At += Size;
    }
    (*this)(M);
    return !Failed && At == End;
  }

  template <std::unsigned_integral T> void operator()(T &Number) { Number = T(unsignedNumber()); }
  void operator()(int64_t &Number) { Number = signedNumber(); }
  template <typename T>
    requires std::is_enum_v<T>
  void operator()(T &Enumerator) {
    Enumerator = T(byte());
  }
  template <typename... Bools> void flags(Bools &...Flag) {
    uint64_t Bits = unsignedNumber();
    ((Flag = Bits & 1, Bits >>= 1), ...);
    Failed |= Bits != 0;
  }
  void operator()(std::string &Text) {
    uint64_t Index = unsignedNumber();
    if (Index < Table.size())
      Text = Table[Index].str();
    else
      Failed = true;
  }
  void operator()(Range &R) {
    uint8_t Tag = byte();
    if (Tag == NoRange)
      return;
    Failed |= Tag > OtherFileMacro;
    bool Other = Tag == OtherFile || Tag == OtherFileMacro;
    R.File = Other ? uint32_t(unsignedNumber()) : Last.File;
    R.Macro = Tag == SameFileMacro || Tag == OtherFileMacro;
    R.Line = uint32_t(Last.Line + signedNumber());
    R.Column = uint32_t(unsignedNumber());
    R.Offset = uint32_t(Last.Offset + signedNumber());
    R.Length = uint32_t(unsignedNumber());
    Last = R;
  }
  template <typename T> void operator()(std::vector<T> &List) {
    uint64_t Size = count();
    List.reserve(Size);
    for (uint64_t I = 0; I != Size && !Failed; ++I)
      (*this)(List.emplace_back());
  }
  template <typename T> void tree(std::vector<T> &List) {
    Failed |= Depth >= DeepestTree;
    ++Depth;
    if (!Failed)
      (*this)(List);
    --Depth;
  }
  template <typename... T> void operator()(std::variant<T...> &V) {
    size_t Index = byte(), This = 0;
    Failed |= Index >= sizeof...(T);
    auto Take = [&](auto Alternative) {
      if (This++ == Index && !Failed) {
        (*this)(Alternative);
        V = std::move(Alternative);
      }
    };
    (Take(T()), ...);
  }
  template <typename T>
    requires std::is_class_v<T>
  void operator()(T &Object) {
    if (!Failed)
      fields(*this, Object);
  }

private:
  uint8_t byte() {
    if (At == End) {
      Failed = true;
      return 0;
    }
    return *At++;
  }
  uint64_t unsignedNumber() {
    unsigned Size = 0;
    const char *Wrong = nullptr;
    uint64_t Number = llvm::decodeULEB128(At, &Size, End, &Wrong);
    return took(Size, Wrong) ? Number : 0;
  }
  int64_t signedNumber() {
    unsigned Size = 0;
    const char *Wrong = nullptr;
    int64_t Number = llvm::decodeSLEB128(At, &Size, End, &Wrong);
    return took(Size, Wrong) ? Number : 0;
  }
  bool took(unsigned Size, const char *Wrong) {
    if (Wrong)
      Failed = true;
    else
      At += Size;
    return !Wrong;
  }
  /// Of things that take a byte each at least.
  uint64_t count() {
    uint64_t Count = unsignedNumber();
    if (Count > uint64_t(End - At)) {
      Failed = true;
      return 0;
    }
    return Count;
  }

  const uint8_t *At, *End;
  std::vector<llvm::StringRef> Table;
  Range Last;
  unsigned Depth = 0;
  bool Failed = false;
};

} // namespace

std::string writeBinary(const Module &M) {
  return Writer().finish(M);
}

llvm::Expected<Module> readBinary(llvm::StringRef Bytes) {
  namespace endian = llvm::support::endian;
  if (!Bytes.starts_with(Magic) || Bytes.size() < HeaderSize)
    return llvm::createStringError("not an effect IR file");
  if (uint32_t Version = endian::read32le(Bytes.data() + 4); Version != Module::Version)
    return llvm::createStringError("effect IR of version %u; this is version %u: lower the file again", Version,
                                   Module::Version);
  llvm::StringRef Payload = Bytes.drop_front(HeaderSize);
  if (Payload.size() != endian::read64le(Bytes.data() + 8))
    return llvm::createStringError("cut off, or longer than it says");
  if (checksum(Payload) != std::array{endian::read64le(Bytes.data() + 16), endian::read64le(Bytes.data() + 24)})
    return llvm::createStringError("damaged: its checksum does not fit");
  Module M;
  if (!Reader(Payload).run(M))
    return llvm::createStringError("damaged: its content does not fit its checksum's format");
  return M;
}

} // namespace latchkey::ir
