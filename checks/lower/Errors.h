// Code that Clang could not read: what is left of it must not be analysed.
#pragma once

namespace clang {
class ASTContext;
class FunctionDecl;
} // namespace clang

namespace latchkey::lower {

/// Whether the function's body holds an error: an expression that recovery made up, an invalid declaration, or a
/// statement that the parser dropped without a trace (found by the tokens it left between its neighbours). Costs
/// nothing in a translation unit without errors.
bool hasErrors(const clang::FunctionDecl &, clang::ASTContext &);

} // namespace latchkey::lower
