# What users install beside the binaries, and the Debian package. Completions and the man page are printed by the
# program itself, from the table that --help is made from.
include(CMakePackageConfigHelpers)

set(GENERATED ${CMAKE_CURRENT_BINARY_DIR}/share)
set(PRINTED ${GENERATED}/latchkey.1.gz ${GENERATED}/latchkey.bash ${GENERATED}/_latchkey ${GENERATED}/latchkey.fish)
add_custom_command(
  OUTPUT ${PRINTED}
  COMMAND ${CMAKE_COMMAND} -E make_directory ${GENERATED}
  COMMAND latchkey man > ${GENERATED}/latchkey.1
  COMMAND gzip -9 -n -f -k ${GENERATED}/latchkey.1
  COMMAND latchkey completion bash > ${GENERATED}/latchkey.bash
  COMMAND latchkey completion zsh > ${GENERATED}/_latchkey
  COMMAND latchkey completion fish > ${GENERATED}/latchkey.fish
  DEPENDS latchkey
  VERBATIM)
add_custom_target(latchkey-share ALL DEPENDS ${PRINTED})

install(FILES ${GENERATED}/latchkey.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${GENERATED}/latchkey.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME latchkey)
install(FILES ${GENERATED}/_latchkey DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${GENERATED}/latchkey.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES tool/cmake/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs/checks DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md docs/adopting.md docs/configuration.md docs/editors.md docs/integration.md docs/models.md
              docs/program.md
        DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(MODULE_FOLDER ${CMAKE_INSTALL_LIBDIR}/cmake/Latchkey)
configure_package_config_file(tool/cmake/LatchkeyConfig.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/LatchkeyConfig.cmake
  INSTALL_DESTINATION ${MODULE_FOLDER} PATH_VARS CMAKE_INSTALL_BINDIR)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/LatchkeyConfigVersion.cmake
  COMPATIBILITY SameMajorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/LatchkeyConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/LatchkeyConfigVersion.cmake
        DESTINATION ${MODULE_FOLDER})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME latchkey)
set(CPACK_PACKAGE_CONTACT "The Latchkey authors <latchkey@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "finds threads nobody waits for and defers in the wrong place")
set(CPACK_PACKAGE_DESCRIPTION
    "Latchkey reads C and C++ with Clang and finds threads that nobody joins, waits\nthat nobody ends, locks that are "
    "kept, and guards that fire in the wrong place.\nIt is a program over a compile database, a plugin for clang-tidy "
    "and a clangd.")
string(REPLACE ";" "" CPACK_PACKAGE_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Clang's own headers; the plugin is loaded by this very version of clang-tidy.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libclang-common-${LLVM_VERSION_MAJOR}-dev")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "clang-tidy-${LLVM_VERSION_MAJOR}")
include(CPack)
