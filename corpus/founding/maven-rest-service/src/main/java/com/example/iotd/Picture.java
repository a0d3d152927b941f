package com.example.iotd;

final class Picture {
  private final String url;
  private final String caption;
  private final String credit;

  Picture(String url, String caption, String credit) {
    this.url = url;
    this.caption = caption;
    this.credit = credit;
  }

  /** One line of the list: URL, caption and credit with tabs between. */
  static Picture parse(String line) {
    String[] fields = line.split("\t");
    if (fields.length != 3) throw new IllegalArgumentException("three fields are wanted: " + line);
    return new Picture(fields[0], fields[1], fields[2]);
  }

  String toJson() {
    return String.format(
        "{\"url\":%s,\"caption\":%s,\"credit\":%s}", quote(url), quote(caption), quote(credit));
  }

  private static String quote(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
