# What is compiled once for many files: a whole build takes half of the time.

# What nearly every file of the product includes. One that lacks an #include of these is compiled all
# the same: clang-tidy sees it.
if(BRIG_PRECOMPILE)
  set(src ${PROJECT_SOURCE_DIR}/src)
  set(BRIG_COMMON_HEADERS ${src}/base/error.h ${src}/spec/types.h ${src}/sys/fd.h
      <algorithm> <charconv> <functional> <map> <ranges> <variant>)
endif()

# brig_precompile(TARGET): the common headers; the first target compiles them for the others. What
# nobody gets to run but the tests is joined, too.
function(brig_precompile target)
  get_property(first GLOBAL PROPERTY brig_precompiled_by)
  if(first)
    target_precompile_headers(${target} REUSE_FROM ${first})
  elseif(BRIG_PRECOMPILE)
    target_precompile_headers(${target} PRIVATE ${BRIG_COMMON_HEADERS})
    set_property(GLOBAL PROPERTY brig_precompiled_by ${target})
  endif()
  if(BRIG_PRECOMPILE AND BRIG_SANITIZE)
    brig_join(${target})
  endif()
endfunction()

# brig_precompile_gtest(TARGET): always GoogleTest's, which is most of a test's compilation and hides
# no #include of ours that is missing.
function(brig_precompile_gtest target)
  target_precompile_headers(${target} PRIVATE <gtest/gtest.h> ${BRIG_COMMON_HEADERS})
  if(BRIG_PRECOMPILE)
    brig_join(${target})
  endif()
endfunction()

# They have names of their own that another file of their folder has too.
set(BRIG_NOT_JOINED cli/numbers.cc cli/stats_table.cc linux/cgroup/stats/controllers_v2.cc
    linux/cgroup/systemd/message.cc linux/mount/plan.cc runtime/inspect/info_user.cc
    runtime/inspect/kernel.cc runtime/launch.cc runtime/plan_text_process.cc runtime/run.cc
    runtime/seccomp_agent.cc runtime/update.cc spec/validate.cc spec/validate_linux.cc
    spec/validate_process.cc spec/validate_sysctl.cc spec/write_resources.cc
    cli/stats_table_test.cc linux/cgroup/devices/rules_test.cc linux/cgroup/plan_test.cc
    linux/cgroup/view_test.cc linux/ids/plan_test.cc spec/update_test.cc)

# brig_join(TARGET): the files of a folder become one translation unit.
function(brig_join target)
  get_target_property(sources ${target} SOURCES)
  foreach(source ${sources})
    cmake_path(RELATIVE_PATH source BASE_DIRECTORY ${PROJECT_SOURCE_DIR}/src OUTPUT_VARIABLE name)
    if(NOT name IN_LIST BRIG_NOT_JOINED)
      cmake_path(GET name PARENT_PATH folder)
      string(MAKE_C_IDENTIFIER "${folder}" group)
      set_property(SOURCE ${source} PROPERTY UNITY_GROUP ${group})
    endif()
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()
