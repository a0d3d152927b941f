#include "decode.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>

/* No encoding has a byte that becomes more than four. */
enum { GROWTH = 4 };

char *decode(const char *encoding, const char *text, size_t length, size_t *size) {
  iconv_t conversion = iconv_open("UTF-8", encoding);
  if (conversion == (iconv_t)-1) return NULL;

  size_t room = length * GROWTH;
  char *decoded = malloc(room);
  if (decoded) {
    char *in = (char *)text, *out = decoded;
    if (iconv(conversion, &in, &length, &out, &room) == (size_t)-1) {
      int error = errno;
      free(decoded);
      decoded = NULL;
      errno = error;
    } else {
      *size = (size_t)(out - decoded);
    }
  }
  int error = errno;
  iconv_close(conversion);
  errno = error;
  return decoded;
}
