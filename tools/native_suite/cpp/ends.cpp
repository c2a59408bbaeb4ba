#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <unistd.h>

int main(int, char **argv) {
  if (!std::strcmp(argv[1], "abort")) std::abort();
  if (!std::strcmp(argv[1], "crash")) *static_cast<volatile int *>(nullptr) = 1;
  if (!std::strcmp(argv[1], "sleep")) sleep(30);
  if (!std::strcmp(argv[1], "exit")) {
    std::puts("error: shelf is empty");
    return 3;
  }
  if (std::ifstream("second").good()) return 0;
  std::ofstream("second") << "x";
  return 1;
}
