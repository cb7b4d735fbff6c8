# Every allocation of the policy layer fails once.
add_executable(test_script_policy_nomem ${CMAKE_CURRENT_LIST_DIR}/c/script/policy_nomem.c)
target_link_libraries(test_script_policy_nomem PRIVATE ss_script PkgConfig::CMOCKA PkgConfig::LUA)
foreach(function malloc calloc realloc strdup)
  target_link_options(test_script_policy_nomem PRIVATE -Wl,--wrap=${function})
endforeach()
add_test(NAME c.script.policy_nomem COMMAND test_script_policy_nomem WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
set_tests_properties(c.script.policy_nomem PROPERTIES ENVIRONMENT "${SS_TEST_ENV}" LABELS c TIMEOUT 300)
