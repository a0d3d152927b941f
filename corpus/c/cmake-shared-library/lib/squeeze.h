#pragma once

#include <stdio.h>

/* How many bytes a stream has, and how many it has when deflated; 0, or -1 on an error. */
int squeeze_measure(FILE *input, unsigned long *before, unsigned long *after);
