# ./dev itself: the demo of the README, and that its scripts parse.
add_test(NAME dev.demo COMMAND ${CMAKE_SOURCE_DIR}/dev demo WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(dev.demo PROPERTIES LABELS demo TIMEOUT 300)

add_test(NAME lint.shell COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/dev/check_shell.sh
  WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(lint.shell PROPERTIES LABELS lint)
