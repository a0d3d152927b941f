package example.shelf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Books in the order of their signatures. */
record Shelf(List<Book> books) {
  static Shelf of(Stream<String> lines) {
    return new Shelf(lines.filter(line -> !line.isBlank()).map(Book::parse).sorted().toList());
  }

  static Shelf read(Path file) throws IOException {
    try (Stream<String> lines = Files.lines(file)) {
      return of(lines);
    }
  }

  /** Those whose signature starts so. */
  Shelf section(String prefix) {
    return new Shelf(books.stream().filter(book -> book.signature().startsWith(prefix)).toList());
  }

  String rows() {
    return books.stream()
        .map(book -> "<li>%s, <i>%s</i></li>".formatted(book.author(), book.title()))
        .collect(Collectors.joining("\n"));
  }
}
