#pragma once

#include <stddef.h>

/* The text in UTF-8, to be freed, and its size in bytes; NULL with errno where that fails. */
char *decode(const char *encoding, const char *text, size_t length, size_t *size);
