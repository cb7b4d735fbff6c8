# The prompt under a pseudo-terminal. Adding a test is adding one file:
# tests/repl/test_<name>.py and tests/repl/scenarios*/test_<name>.py become repl.<name>.
# pyte is a package of Debian's Python, whatever other python3 comes first in PATH.
find_program(SS_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
file(GLOB tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/repl/test_*.py
  ${CMAKE_CURRENT_SOURCE_DIR}/repl/scenarios*/test_*.py)
if(NOT SS_PYTHON)
  set(SS_PYTHON python3)
endif()
foreach(test ${tests})
  get_filename_component(name ${test} NAME_WE)
  string(REGEX REPLACE "^test_" "" name ${name})
  add_test(NAME repl.${name} COMMAND ${SS_PYTHON} -B -m unittest -v ${test}
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(repl.${name} PROPERTIES LABELS repl TIMEOUT 600
    ENVIRONMENT "${SS_TEST_ENV};PYTHONPATH=${CMAKE_CURRENT_SOURCE_DIR}/repl;SS_SOURCE_DIR=${CMAKE_SOURCE_DIR};SS_BINARY_DIR=${CMAKE_BINARY_DIR}")
endforeach()
