#include "squeeze.h"

#include <string.h>
#include <zlib.h>

int squeeze_measure(FILE *input, unsigned long *before, unsigned long *after) {
  unsigned char in[8192], out[8192];
  z_stream stream;
  memset(&stream, 0, sizeof stream);
  if (deflateInit(&stream, Z_BEST_COMPRESSION) != Z_OK) return -1;

  int flush;
  do {
    stream.next_in = in;
    stream.avail_in = fread(in, 1, sizeof in, input);
    if (ferror(input)) {
      deflateEnd(&stream);
      return -1;
    }
    flush = feof(input) ? Z_FINISH : Z_NO_FLUSH;
    do {
      stream.next_out = out;
      stream.avail_out = sizeof out;
      deflate(&stream, flush);
    } while (stream.avail_out == 0);
  } while (flush != Z_FINISH);

  *before = stream.total_in;
  *after = stream.total_out;
  return deflateEnd(&stream) == Z_OK ? 0 : -1;
}
