# Random edits of a policy folder under a load of builds, with the sanitizers' program.
find_package(Python3 COMPONENTS Interpreter REQUIRED)
add_test(NAME reload.soak
  COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/reload/soak --edits 500
    --sandscript $<TARGET_FILE:sandscript>)
set_tests_properties(reload.soak PROPERTIES ENVIRONMENT "${SS_TEST_ENV}" LABELS slow TIMEOUT 900)
