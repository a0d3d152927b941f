#include <node_api.h>
#include <stdint.h>

#define MODULUS 65521u

static uint32_t adler32(const uint8_t *bytes, size_t length) {
  uint32_t a = 1, b = 0;
  for (size_t i = 0; i < length; i++) {
    a = (a + bytes[i]) % MODULUS;
    b = (b + a) % MODULUS;
  }
  return b << 16 | a;
}

static napi_value checksum(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument, result;
  void *bytes;
  size_t length;

  napi_get_cb_info(env, info, &count, &argument, NULL, NULL);
  if (count < 1 || napi_get_buffer_info(env, argument, &bytes, &length) != napi_ok) {
    napi_throw_type_error(env, NULL, "a Buffer, please");
    return NULL;
  }
  napi_create_uint32(env, adler32(bytes, length), &result);
  return result;
}

NAPI_MODULE_INIT() {
  napi_value function;
  napi_create_function(env, "checksum", NAPI_AUTO_LENGTH, checksum, NULL, &function);
  napi_set_named_property(env, exports, "checksum", function);
  return exports;
}
