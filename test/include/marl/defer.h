// Stand-in for marl's defer(): runs a statement when the enclosing scope ends.
#pragma once

#include "marl/finally.h"

#define MARL_STANDIN_PASTE2(A, B) A##B
#define MARL_STANDIN_PASTE(A, B) MARL_STANDIN_PASTE2(A, B)
#define defer(x) auto MARL_STANDIN_PASTE(defer_, __LINE__) = marl::make_finally([&] { x; })
