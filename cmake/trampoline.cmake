# The trampoline is a program of its own, without libc and with one segment, whose bytes become
# part of brig (src/init/trampoline_image.cc).
add_executable(trampoline src/trampoline/trampoline.cc)
set_target_properties(trampoline PROPERTIES
  POSITION_INDEPENDENT_CODE OFF
  COMPILE_OPTIONS "-Os;-Wall;-Wextra;-Wconversion;-Werror;-ffreestanding;-fno-stack-protector;-fno-exceptions;-fno-rtti;-fno-asynchronous-unwind-tables;-fcf-protection=none;-fno-pie;-iquote;${PROJECT_SOURCE_DIR}/src"
  LINK_OPTIONS "-nostdlib;-static;-no-pie;-Wl,-z,noseparate-code;-Wl,-z,norelro;-Wl,-z,noexecstack;-Wl,--build-id=none;-Wl,-s")
set_source_files_properties(src/init/trampoline_image.cc PROPERTIES
  COMPILE_DEFINITIONS BRIG_TRAMPOLINE="${PROJECT_BINARY_DIR}/trampoline"
  OBJECT_DEPENDS ${PROJECT_BINARY_DIR}/trampoline)
