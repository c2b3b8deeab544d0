// Sends each of its arguments to $NOTIFY_SOCKET, as sd_notify(3) does, and then waits; or ends at
// the argument "exit".
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char** argv) {
  const char* path = getenv("NOTIFY_SOCKET");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (argc < 2 || path == NULL || strlen(path) >= sizeof address.sun_path) return 98;
  strcpy(address.sun_path, path);
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  for (char** text = argv + 1; *text; text++) {
    if (strcmp(*text, "exit") == 0) return 0;
    if (sendto(fd, *text, strlen(*text), 0, (struct sockaddr*)&address, sizeof address) < 0)
      return 97;
  }
  for (;;) pause();
}
