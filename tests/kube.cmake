# test_nomem makes the n-th allocation fail: its allocations go through wrappers.
if(TARGET test_kube_nomem)
  target_link_options(test_kube_nomem PRIVATE
    -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=strdup)
endif()
