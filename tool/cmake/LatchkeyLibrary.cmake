# latchkey_library(NAME [CLANG] SOURCES … [DEPENDS …]): one layer of the project as a static, position independent
# library without LLVM's libraries (whoever makes a binary adds latchkey::llvm or latchkey::clang). Precompiled headers
# cut a source that includes Clang from 16 s to 4 s; all layers of one kind share one.
find_program(CCACHE ccache)
if(CCACHE)
  # The header precompiled here is a function of its inputs only, so ccache may ignore its time stamp.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-fpch-instantiate-templates>)
  if(CCACHE)
    add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
  endif()
  add_link_options(-fuse-ld=lld)
elseif(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  # g++ 12 takes `"text" + std::string` for an overlong copy (GCC bug 105651).
  foreach(WRONG array-bounds restrict stringop-overflow)
    add_compile_options($<$<COMPILE_LANGUAGE:CXX>:-Wno-${WRONG}>)
  endforeach()
endif()

function(latchkey_compile_settings TARGET)
  target_compile_options(${TARGET} PRIVATE -Wall -Wextra -Wno-unused-parameter)
  target_include_directories(${TARGET} PUBLIC ${PROJECT_SOURCE_DIR})
endfunction()

add_library(latchkey_pch_llvm OBJECT ${PROJECT_SOURCE_DIR}/tool/cmake/Empty.cpp)
target_link_libraries(latchkey_pch_llvm PUBLIC latchkey::llvm-headers)
latchkey_compile_settings(latchkey_pch_llvm)
target_precompile_headers(latchkey_pch_llvm PRIVATE ${PROJECT_SOURCE_DIR}/tool/cmake/PrecompiledLLVM.h)

add_library(latchkey_pch_clang OBJECT ${PROJECT_SOURCE_DIR}/tool/cmake/Empty.cpp)
target_link_libraries(latchkey_pch_clang PUBLIC latchkey::llvm-headers)
latchkey_compile_settings(latchkey_pch_clang)
target_precompile_headers(latchkey_pch_clang PRIVATE ${PROJECT_SOURCE_DIR}/tool/cmake/PrecompiledClang.h)

function(latchkey_library NAME)
  cmake_parse_arguments(ARG "CLANG" "" "SOURCES;DEPENDS" ${ARGN})
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_link_libraries(${NAME} PUBLIC latchkey::llvm-headers ${ARG_DEPENDS})
  latchkey_compile_settings(${NAME})
  if(ARG_CLANG)
    target_precompile_headers(${NAME} REUSE_FROM latchkey_pch_clang)
  else()
    target_precompile_headers(${NAME} REUSE_FROM latchkey_pch_llvm)
  endif()
endfunction()
