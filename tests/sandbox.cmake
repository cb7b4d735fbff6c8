# The pure layer against independent references, and its benchmark.
add_executable(sandbox_oracle ${CMAKE_CURRENT_LIST_DIR}/oracle/sandbox_oracle.c)
target_link_libraries(sandbox_oracle PRIVATE ss_sandbox)

add_executable(bench_builder ${CMAKE_CURRENT_LIST_DIR}/bench/builder/bench_builder.c)
target_link_libraries(bench_builder PRIVATE ss_sandbox)
# Allocations are counted where the program makes them.
foreach(function malloc calloc realloc strdup)
  target_link_options(bench_builder PRIVATE -Wl,--wrap=${function})
endforeach()

# Every allocation fails once.
add_executable(test_sandbox_nomem ${CMAKE_CURRENT_LIST_DIR}/c/sandbox/nomem.c)
target_link_libraries(test_sandbox_nomem PRIVATE ss_sandbox PkgConfig::CMOCKA)
foreach(function malloc calloc realloc)
  target_link_options(test_sandbox_nomem PRIVATE -Wl,--wrap=${function})
endforeach()
add_test(NAME c.sandbox.nomem COMMAND test_sandbox_nomem WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(c.sandbox.nomem PROPERTIES ENVIRONMENT "${SS_TEST_ENV}" LABELS c TIMEOUT 300)

# A tool that is missing skips its oracle (77), unless SS_REQUIRE_ORACLES=1.
function(ss_oracle name)
  add_test(NAME oracle.${name} COMMAND ${CMAKE_CURRENT_LIST_DIR}/oracle/${name}/run
           $<TARGET_FILE:sandbox_oracle> WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(oracle.${name} PROPERTIES LABELS oracle SKIP_RETURN_CODE 77 TIMEOUT 900
    ENVIRONMENT "${SS_TEST_ENV};SANDSCRIPT=$<TARGET_FILE:sandscript>;SS_SOURCE_DIR=${CMAKE_SOURCE_DIR};SS_BINARY_DIR=${CMAKE_BINARY_DIR}")
endfunction()
ss_oracle(builder)
ss_oracle(guard)
ss_oracle(apimachinery)
ss_oracle(kinds)
ss_oracle(json_suite)
ss_oracle(yaml_suite)
ss_oracle(json_patch)
ss_oracle(api_testdata)
