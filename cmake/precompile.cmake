# Headers that are compiled once for many files.

# What nearly every file of the product includes.
if(BRIG_PRECOMPILE)
  set(src ${PROJECT_SOURCE_DIR}/src)
  set(BRIG_COMMON_HEADERS ${src}/base/error.h ${src}/spec/types.h ${src}/sys/fd.h
      <algorithm> <charconv> <functional> <map> <ranges> <variant>)
endif()

# brig_precompile(TARGET): the common headers; the first target compiles them for the others.
function(brig_precompile target)
  get_property(first GLOBAL PROPERTY brig_precompiled_by)
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  elseif(BRIG_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${BRIG_COMMON_HEADERS})
    set_property(GLOBAL PROPERTY brig_precompiled_by ${target})
  endif()
endfunction()

# brig_precompile_gtest(TARGET): always GoogleTest's, which is most of a test's compilation and hides
# no #include of ours that is missing.
function(brig_precompile_gtest target)
  target_precompile_headers(${target} PRIVATE <gtest/gtest.h> ${BRIG_COMMON_HEADERS})
endfunction()
