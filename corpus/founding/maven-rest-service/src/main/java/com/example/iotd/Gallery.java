package com.example.iotd;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.stream.Collectors;

/** The pictures, which take turns day by day. */
final class Gallery {
  private final List<Picture> pictures;

  private Gallery(List<Picture> pictures) {
    this.pictures = pictures;
  }

  static Gallery load() throws IOException {
    InputStream stream = Gallery.class.getResourceAsStream("/pictures.tsv");
    if (stream == null) throw new IOException("pictures.tsv is not in the jar");
    try (BufferedReader reader =
        new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      return new Gallery(reader.lines().map(Picture::parse).collect(Collectors.toList()));
    }
  }

  Picture of(LocalDate day) {
    return pictures.get((int) Math.floorMod(day.toEpochDay(), (long) pictures.size()));
  }
}
