// The program that does nothing: what starting a process costs by itself. With -DBARE it begins
// without the C library, whose start asks the processor for its features: in a virtual machine
// each of those forty questions is a trip to the hypervisor.
#ifdef BARE
#ifdef __x86_64__
_Noreturn void _start(void) {
  __asm__ volatile("xor %edi, %edi; mov $231, %eax; syscall");  // exit_group(0)
  __builtin_unreachable();
}
#else
#error "-DBARE is written for x86-64"
#endif
#else
int main(void) {
  return 0;
}
#endif
