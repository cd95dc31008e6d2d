#include "checks/ir/Tree.h"

namespace latchkey::ir {

// Here and not in the header because vectors of the incomplete Node cannot be compared there.
bool Sequence::operator==(const Sequence &) const = default;
bool Condition::operator==(const Condition &) const = default;
bool If::operator==(const If &) const = default;
bool Loop::operator==(const Loop &) const = default;
bool Foreach::operator==(const Foreach &) const = default;
bool SwitchCase::operator==(const SwitchCase &) const = default;
bool Switch::operator==(const Switch &) const = default;
bool Handler::operator==(const Handler &) const = default;
bool Try::operator==(const Try &) const = default;
bool Cleanup::operator==(const Cleanup &) const = default;
bool Node::operator==(const Node &) const = default;

} // namespace latchkey::ir
