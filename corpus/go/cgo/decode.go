package main

// #include <stdlib.h>
// #include "decode.h"
import "C"

import (
	"fmt"
	"unsafe"
)

// decode turns text in an encoding that the C library knows into UTF-8.
func decode(encoding string, text []byte) ([]byte, error) {
	if len(text) == 0 {
		return nil, nil
	}
	name := C.CString(encoding)
	defer C.free(unsafe.Pointer(name))

	var size C.size_t
	decoded, err := C.decode(name, (*C.char)(unsafe.Pointer(&text[0])), C.size_t(len(text)), &size)
	if decoded == nil {
		return nil, fmt.Errorf("from %s: %w", encoding, err)
	}
	defer C.free(unsafe.Pointer(decoded))
	return C.GoBytes(unsafe.Pointer(decoded), C.int(size)), nil
}
