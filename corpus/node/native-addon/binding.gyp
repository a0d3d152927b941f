{
  "targets": [
    {
      "target_name": "adler",
      "sources": ["src/adler.c"]
    }
  ]
}
