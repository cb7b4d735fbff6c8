# ./dev itself: the demo of the README, and that its scripts parse.
add_test(NAME dev.demo COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/dev/test_demo.sh ${CMAKE_BINARY_DIR}
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(dev.demo PROPERTIES LABELS demo TIMEOUT 300)

add_test(NAME lint.shell COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/dev/check_shell.sh
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(lint.shell PROPERTIES LABELS lint)

add_test(NAME dev.skips COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/dev/check_skips.sh ${CMAKE_BINARY_DIR}
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(dev.skips PROPERTIES ENVIRONMENT "${SS_TEST_ENV};SS_SOURCE_DIR=${CMAKE_SOURCE_DIR};SS_BINARY_DIR=${CMAKE_BINARY_DIR}")

add_test(NAME dev.hardening COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/dev/check_hardening.sh
  build/release/sandscript build/release/sandscript.so WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(dev.hardening PROPERTIES SKIP_RETURN_CODE 77)
