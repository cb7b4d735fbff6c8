# The other presets: coverage builds whole; ThreadSanitizer runs what has threads. Both build in
# folders of their own beside this one.
function(ss_preset_build name target)
  add_test(NAME ${name} COMMAND bash -c "cmake --preset ${name} && nice cmake --build --preset ${name} --target ${target}"
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS slow TIMEOUT 1800)
endfunction()

if(NOT SS_TSAN AND NOT SS_COVERAGE)
  ss_preset_build(coverage all)

  set(threaded io_work io_writer io_fswatch io_loop script_policy_reload)
  list(TRANSFORM threaded PREPEND test_ OUTPUT_VARIABLE targets)
  string(REPLACE ";" " " targets "${targets}")
  ss_preset_build(tsan "${targets}")
  set_tests_properties(tsan PROPERTIES FIXTURES_SETUP tsan)
  foreach(test ${threaded})
    add_test(NAME tsan.${test} COMMAND ${CMAKE_SOURCE_DIR}/build/tsan/tests/test_${test} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
    set_tests_properties(tsan.${test} PROPERTIES LABELS slow TIMEOUT 600 FIXTURES_REQUIRED tsan
      ENVIRONMENT "TSAN_OPTIONS=halt_on_error=1:suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp;SS_SOURCE_DIR=${CMAKE_SOURCE_DIR};SS_BINARY_DIR=${CMAKE_SOURCE_DIR}/build/tsan")
  endforeach()
endif()
