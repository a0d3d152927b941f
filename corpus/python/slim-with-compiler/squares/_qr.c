#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <qrencode.h>

/* modules(text) -> (width, bytes of 0 and 1, row by row) */
static PyObject *modules(PyObject *self, PyObject *args) {
  const char *text;
  if (!PyArg_ParseTuple(args, "s", &text)) return NULL;

  QRcode *code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
  if (!code) return PyErr_SetFromErrno(PyExc_ValueError);

  Py_ssize_t count = (Py_ssize_t)code->width * code->width;
  PyObject *bytes = PyBytes_FromStringAndSize((const char *)code->data, count);
  int width = code->width;
  if (bytes) {
    char *dots = PyBytes_AS_STRING(bytes);
    for (Py_ssize_t i = 0; i < count; i++) dots[i] &= 1;
  }
  QRcode_free(code);
  return bytes ? Py_BuildValue("iN", width, bytes) : NULL;
}

static PyMethodDef methods[] = {
  {"modules", modules, METH_VARARGS, "The dark and light modules of a QR code."},
  {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "_qr", NULL, -1, methods};

PyMODINIT_FUNC PyInit__qr(void) { return PyModule_Create(&module); }
