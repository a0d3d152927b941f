package example.shelf;

record Book(String signature, String title, String author) implements Comparable<Book> {
  static Book parse(String line) {
    String[] fields = line.split(";", -1);
    if (fields.length != 3) {
      throw new IllegalArgumentException("signature;title;author is wanted, not " + line);
    }
    return new Book(fields[0].strip(), fields[1].strip(), fields[2].strip());
  }

  @Override
  public int compareTo(Book other) {
    return signature.compareTo(other.signature);
  }
}
