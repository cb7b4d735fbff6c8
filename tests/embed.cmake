# It reads and locks the store's file beside us.
target_link_libraries(test_embed_store PRIVATE PkgConfig::SQLITE)
