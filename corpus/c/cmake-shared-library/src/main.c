#include <squeeze.h>
#include <stdio.h>

int main(int count, char **names) {
  for (int i = 1; i < count; i++) {
    FILE *file = fopen(names[i], "rb");
    if (!file) {
      perror(names[i]);
      return 1;
    }
    unsigned long before, after;
    if (squeeze_measure(file, &before, &after) != 0) {
      fprintf(stderr, "%s: cannot deflate\n", names[i]);
      return 1;
    }
    fclose(file);
    printf("%s: %lu to %lu bytes, saves %.0f %%\n", names[i], before, after,
           before ? 100.0 * (double)(before - after) / (double)before : 0.0);
  }
  return 0;
}
