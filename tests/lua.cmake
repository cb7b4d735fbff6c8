# Specs run in the real program. Adding a test is adding one file:
# tests/lua/<module>_spec.lua becomes the test lua.<module>.
#
# ss_program_test(NAME LABEL ARGUMENT...) runs the program in the source folder
# with a home of its own, so that no configuration or cluster of the person who
# runs the tests is touched.
function(ss_program_test name label)
  set(home ${CMAKE_BINARY_DIR}/tests/home/${name})
  file(MAKE_DIRECTORY ${home})
  add_test(NAME ${name} COMMAND sandscript ${ARGN} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 600 SKIP_RETURN_CODE 77
    ENVIRONMENT "${SS_TEST_ENV};HOME=${home};XDG_CONFIG_HOME=${home};XDG_STATE_HOME=${home};SS_SOURCE_DIR=${CMAKE_SOURCE_DIR};SS_BINARY_DIR=${CMAKE_BINARY_DIR}"
    ENVIRONMENT_MODIFICATION "KUBECONFIG=unset:;KUBERNETES_SERVICE_HOST=unset:;SANDSCRIPT_POLICY=unset:")
endfunction()

file(GLOB specs CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/lua/*_spec.lua)
foreach(spec ${specs})
  get_filename_component(name ${spec} NAME_WE)
  string(REGEX REPLACE "_spec$" "" name ${name})
  ss_program_test(lua.${name} lua test ${spec})
endforeach()

# The same suite runs against the real API server in tests/cluster.
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/lua/conformance)
  ss_program_test(lua.conformance.embedded lua test ${CMAKE_CURRENT_SOURCE_DIR}/lua/conformance)
endif()

ss_program_test(scripts.check scripts check scripts)
ss_program_test(lint.scripts lint check scripts tests/bench tests/reload tests/lua/support)
ss_program_test(scripts.test scripts test scripts)
ss_program_test(scripts.tenants scripts test scripts/examples/tenants)

# The specs of modules again, with a collector that never rests. What runs the program as a user
# would (cli_, repl_) has other states, which it does not reach.
foreach(spec ${specs})
  get_filename_component(name ${spec} NAME_WE)
  string(REGEX REPLACE "_spec$" "" name ${name})
  if(NOT name MATCHES "^(cli|repl|guide|explain|policy_)")
    ss_program_test(gc.${name} gc test ${CMAKE_CURRENT_SOURCE_DIR}/lua/support/gc_stress.lua ${spec})
  endif()
endforeach()
ss_program_test(gc.conformance gc test ${CMAKE_CURRENT_SOURCE_DIR}/lua/support/gc_stress.lua
  ${CMAKE_CURRENT_SOURCE_DIR}/lua/conformance)
