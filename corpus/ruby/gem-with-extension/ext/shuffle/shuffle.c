#include <ruby.h>
#include <stdint.h>

/* xorshift64*: small, and the same everywhere. */
static uint64_t next(uint64_t *state) {
  *state ^= *state >> 12;
  *state ^= *state << 25;
  *state ^= *state >> 27;
  return *state * UINT64_C(2685821657736338717);
}

static VALUE shuffled(VALUE self, VALUE cards, VALUE seed) {
  uint64_t state = NUM2ULL(seed) + 1;
  VALUE deck = rb_ary_dup(rb_convert_type(cards, T_ARRAY, "Array", "to_ary"));
  for (long i = RARRAY_LEN(deck) - 1; i > 0; i--) {
    long j = (long)(next(&state) % (uint64_t)(i + 1));
    VALUE card = rb_ary_entry(deck, i);
    rb_ary_store(deck, i, rb_ary_entry(deck, j));
    rb_ary_store(deck, j, card);
  }
  return deck;
}

void Init_shuffle(void) {
  VALUE module = rb_define_module("Shuffle");
  rb_define_module_function(module, "shuffled", shuffled, 2);
}
