# Scenarios on a real control plane, shared by all of them. Adding one is adding
# one file: tests/cluster/test_<name>.sh becomes the test cluster.<name>.
set(SS_CLUSTER_ENV "${SS_TEST_ENV};SANDSCRIPT=$<TARGET_FILE:sandscript>;SS_CLUSTER_STATE=${CMAKE_BINARY_DIR}/cluster;SS_BINARY_DIR=${CMAKE_BINARY_DIR}")

function(ss_cluster_test name)
  add_test(NAME cluster.${name} COMMAND ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(cluster.${name} PROPERTIES LABELS cluster SKIP_RETURN_CODE 77 TIMEOUT 900
    ENVIRONMENT "${SS_CLUSTER_ENV}")
endfunction()

ss_cluster_test(up ${CMAKE_CURRENT_SOURCE_DIR}/cluster/fixture.sh up)
ss_cluster_test(down ${CMAKE_CURRENT_SOURCE_DIR}/cluster/fixture.sh down)
# Building the control plane for the first time takes minutes.
set_tests_properties(cluster.up PROPERTIES FIXTURES_SETUP cluster TIMEOUT 3600)
set_tests_properties(cluster.down PROPERTIES FIXTURES_CLEANUP cluster)

file(GLOB scenarios CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/cluster/test_*.sh)
foreach(scenario ${scenarios})
  get_filename_component(name ${scenario} NAME_WE)
  string(REGEX REPLACE "^test_" "" name ${name})
  ss_cluster_test(${name} bash ${scenario})
  set_tests_properties(cluster.${name} PROPERTIES FIXTURES_REQUIRED cluster)
endforeach()
