# Finds LLVM and Clang and wraps their shared libraries. Select another LLVM with -DLATCHKEY_LLVM_ROOT=/usr/lib/llvm-22.
set(LATCHKEY_LLVM_ROOT "" CACHE PATH "Prefix of the LLVM to build against, for example /usr/lib/llvm-22")
if(LATCHKEY_LLVM_ROOT)
  list(PREPEND CMAKE_PREFIX_PATH ${LATCHKEY_LLVM_ROOT})
elseif(EXISTS /usr/lib/llvm-22)
  list(PREPEND CMAKE_PREFIX_PATH /usr/lib/llvm-22)
endif()
find_package(LLVM REQUIRED CONFIG)
find_package(Clang REQUIRED CONFIG)
find_package(fmt REQUIRED)
message(STATUS "Building against LLVM ${LLVM_PACKAGE_VERSION} in ${LLVM_INSTALL_PREFIX}")

# Headers only. The plugin links nothing of LLVM: its host already has it.
add_library(latchkey_llvm_headers INTERFACE)
# After the system's own directories: with libc++abi installed, LLVM's prefix has a <cxxabi.h> that does not fit libstdc++.
foreach(DIRECTORY IN LISTS LLVM_INCLUDE_DIRS CLANG_INCLUDE_DIRS)
  target_compile_options(latchkey_llvm_headers INTERFACE "SHELL:-idirafter ${DIRECTORY}")
endforeach()
target_compile_definitions(latchkey_llvm_headers INTERFACE FMT_HEADER_ONLY=1)
# Debian's LLVM has neither RTTI nor exceptions.
target_compile_options(latchkey_llvm_headers INTERFACE $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti -fno-exceptions>)
target_link_libraries(latchkey_llvm_headers INTERFACE fmt::fmt-header-only)
add_library(latchkey::llvm-headers ALIAS latchkey_llvm_headers)

add_library(latchkey_llvm INTERFACE)
target_link_libraries(latchkey_llvm INTERFACE latchkey_llvm_headers LLVM)
add_library(latchkey::llvm ALIAS latchkey_llvm)

add_library(latchkey_clang INTERFACE)
target_link_libraries(latchkey_clang INTERFACE clang-cpp latchkey_llvm)
add_library(latchkey::clang ALIAS latchkey_clang)
