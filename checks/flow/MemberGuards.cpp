#include "checks/flow/MemberGuards.h"

#include "llvm/ADT/STLExtras.h"

namespace latchkey::flow {

using FieldIt = std::vector<ir::Field>::const_iterator;

/// The member of C that P, which begins at a pointer to the object, is or is part of.
static FieldIt memberAt(const ir::Place &P, uint32_t This, const ir::Class &C) {
  bool Own = P.R == ir::Place::Root::Variable && P.Index == This && P.Path.size() >= 2 &&
             P.Path[0].K == ir::Step::Kind::Deref && P.Path[1].K == ir::Step::Kind::Field;
  return Own ? llvm::find_if(C.Fields, [&](const ir::Field &F) { return F.Name == P.Path[1].Name; }) : C.Fields.end();
}

/// The variable of the body that holds `this`.
static uint32_t objectOf(const ir::Function &Body) {
  if (Body.hasThis())
    return Body.This;
  for (uint32_t Capture : Body.Captures)
    if (Body.Variables[Capture].Name == "this")
      return Capture;
  return UINT32_MAX;
}

static FieldIt usedAfter(const ir::Function &Body, const ir::Class &C, FieldIt Guard) {
  uint32_t This = objectOf(Body);
  FieldIt Found = C.Fields.end();
  auto Look = [&](const ir::Place &P) {
    FieldIt At = memberAt(P, This, C);
    if (At != C.Fields.end() && At > Guard && !At->Trivial && Found == C.Fields.end())
      Found = At;
  };
  forEachNode(Body.Body, [&](const ir::Node &N) {
    const auto *E = N.as<ir::Effect>();
    if (!E)
      return;
    Look(E->Subject);
    Look(E->Input.P);
    for (const ir::Value &Arg : E->Args)
      Look(Arg.P);
  });
  return Found;
}

std::vector<GuardFault> outlivedMembers(const Program &P, const ir::Function &Constructor) {
  std::vector<GuardFault> Found;
  const ir::Class *C = P.classById(Constructor.Class);
  if (!C || !Constructor.hasThis())
    return Found;
  forEachNode(Constructor.Body, [&](const ir::Node &N) {
    const auto *Arm = N.as<ir::Effect>();
    const ir::Function *Body = Arm && Arm->O == ir::Op::Arm ? P.function(Arm->Input.Callee) : nullptr;
    FieldIt Guard = Body ? memberAt(Arm->Subject, Constructor.This, *C) : C->Fields.end();
    if (Guard == C->Fields.end())
      return;
    FieldIt Used = usedAfter(*Body, *C, Guard);
    if (Used == C->Fields.end())
      return;
    GuardFault G;
    G.K = GuardFault::Kind::UsesAbsent;
    G.Subject = Used->Name;
    G.Guard = Guard->Name;
    G.How = "destroyed";
    G.Where = Guard->Where;
    G.Armed = Arm->Where;
    G.Cause = Used->Where;
    Found.push_back(std::move(G));
  });
  return Found;
}

} // namespace latchkey::flow
