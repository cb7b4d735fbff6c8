# What reads the source without running it; ctest -L lint.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
function(ss_lint_test name)
  add_test(NAME lint.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(lint.${name} PROPERTIES LABELS lint TIMEOUT 300)
endfunction()

ss_lint_test(layers Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/lint/layers.py)
ss_lint_test(layers_test Python3::Interpreter ${CMAKE_CURRENT_SOURCE_DIR}/lint/test_layers.py)
ss_lint_test(format bash ${CMAKE_CURRENT_SOURCE_DIR}/lint/format.sh)
