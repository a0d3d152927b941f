#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { WIDTH = 16 };

static void print_line(unsigned long offset, const unsigned char *bytes, size_t count) {
  printf("%08lx ", offset);
  for (size_t i = 0; i < WIDTH; i++) {
    if (i < count)
      printf(" %02x", bytes[i]);
    else
      fputs("   ", stdout);
  }
  fputs("  |", stdout);
  for (size_t i = 0; i < count; i++) putchar(isprint(bytes[i]) ? bytes[i] : '.');
  puts("|");
}

static int view(const char *name) {
  FILE *file = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
  if (!file) {
    fprintf(stderr, "hexview: %s: %s\n", name, strerror(errno));
    return 1;
  }
  unsigned char bytes[WIDTH];
  unsigned long offset = 0;
  size_t count;
  while ((count = fread(bytes, 1, WIDTH, file)) > 0) {
    print_line(offset, bytes, count);
    offset += count;
  }
  if (file != stdin) fclose(file);
  return 0;
}

int main(int count, char **names) {
  int failed = 0;
  if (count < 2) return view("-");
  for (int i = 1; i < count; i++) failed |= view(names[i]);
  return failed;
}
