# ss_embed_lua(target): lua/ss/**/*.lua become the table ss_embedded_modules of
# script/embedded.h, made at build time by this same file run as a script.
if(CMAKE_SCRIPT_MODE_FILE)
  # -DROOT=lua -DOUT=file.c
  file(GLOB_RECURSE files RELATIVE ${ROOT} ${ROOT}/ss/*.lua)
  list(SORT files)
  set(arrays "")
  set(rows "")
  set(i 0)
  foreach(file ${files})
    file(READ ${ROOT}/${file} hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(LENGTH "${hex}" len)
    math(EXPR len "${len} / 2")
    string(REGEX REPLACE "\\.lua$" "" name "${file}")
    string(REPLACE "/" "." name "${name}")
    string(APPEND arrays "static const unsigned char m${i}[] = {${bytes}0};\n")
    string(APPEND rows "\t{\"${name}\", (const char *)m${i}, ${len}},\n")
    math(EXPR i "${i} + 1")
  endforeach()
  file(WRITE ${OUT} "#include \"script/embedded.h\"\n\n${arrays}\nconst struct ss_embedded ss_embedded_modules[] = {\n${rows}\t{0},\n};\n")
  return()
endif()

function(ss_embed_lua target)
  set(out ${CMAKE_CURRENT_BINARY_DIR}/embedded_lua.c)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lua/ss/*.lua)
  add_custom_command(OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR}/lua -DOUT=${out} -P ${CMAKE_SOURCE_DIR}/cmake/embed_lua.cmake
    DEPENDS ${sources} ${CMAKE_SOURCE_DIR}/cmake/embed_lua.cmake
    COMMENT "Embedding lua/ss" VERBATIM)
  target_sources(${target} PRIVATE ${out})
endfunction()
