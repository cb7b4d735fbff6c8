# One interface target carries the compile options of every layer.
add_library(ss_flags INTERFACE)
target_compile_definitions(ss_flags INTERFACE _GNU_SOURCE SS_VERSION="${PROJECT_VERSION}")
target_include_directories(ss_flags INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(ss_flags INTERFACE
  -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes
  -Wvla -Wformat=2 -Wundef -Wwrite-strings -Wno-unused-parameter
  -fstack-protector-strong -fno-common)
if(SS_WERROR)
  target_compile_options(ss_flags INTERFACE -Werror)
endif()
if(SS_SANITIZE)
  target_compile_options(ss_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(ss_flags INTERFACE -fsanitize=address,undefined)
endif()
if(SS_COVERAGE)
  target_compile_options(ss_flags INTERFACE --coverage -fprofile-update=atomic)
  target_link_options(ss_flags INTERFACE --coverage)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_definitions(ss_flags INTERFACE _FORTIFY_SOURCE=2)
endif()
target_link_options(ss_flags INTERFACE -Wl,-z,relro,-z,now -Wl,--as-needed)
