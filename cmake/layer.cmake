# ss_layer(NAME USES layer... LIBS imported-target...)
# One folder of src/ is one static library: every .c file below it, found by glob,
# so that adding a file needs no edit here.
function(ss_layer name)
  cmake_parse_arguments(ARG "" "" "USES;LIBS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.c)
  add_library(ss_${name} STATIC ${sources})
  foreach(layer ${ARG_USES})
    target_link_libraries(ss_${name} PUBLIC ss_${layer})
  endforeach()
  target_link_libraries(ss_${name} PUBLIC ss_flags PRIVATE ${ARG_LIBS})
endfunction()
