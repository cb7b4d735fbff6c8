# The memory of long lists: what a page takes, with room for what the sanitizers add.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
add_test(NAME lists.memory
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/lists/run.py $<TARGET_FILE:sandscript> 80 200)
set_tests_properties(lists.memory PROPERTIES ENVIRONMENT "${SS_TEST_ENV}" LABELS slow TIMEOUT 900)
