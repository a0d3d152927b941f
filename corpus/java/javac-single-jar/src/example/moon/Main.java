package example.moon;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.Reader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.ResourceBundle;

/** GET /de/2024-02-24 tells the phase of that day's moon in German. */
public final class Main {
  private static List<String> languages;

  public static void main(String[] arguments) throws IOException {
    Properties settings = new Properties();
    try (Reader reader = Files.newBufferedReader(Path.of("conf", "moon.properties"))) {
      settings.load(reader);
    }
    languages = Arrays.asList(settings.getProperty("languages").split(","));
    int port = Integer.parseInt(settings.getProperty("port"));

    HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
    server.createContext("/", Main::handle);
    server.start();
    System.out.println("the moon rises on port " + port);
  }

  private static void handle(HttpExchange exchange) throws IOException {
    String[] parts = exchange.getRequestURI().getPath().split("/");
    if (parts.length != 3 || !languages.contains(parts[1])) {
      answer(exchange, 404, "ask for /" + languages.get(0) + "/" + LocalDate.now());
      return;
    }
    try {
      answer(exchange, 200, tell(LocalDate.parse(parts[2]), Locale.forLanguageTag(parts[1])));
    } catch (DateTimeException error) {
      answer(exchange, 400, parts[2] + " is no day");
    }
  }

  private static String tell(LocalDate day, Locale locale) {
    ResourceBundle words =
        ResourceBundle.getBundle(
            "phases",
            locale,
            ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    String date = DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG).withLocale(locale).format(day);
    return MessageFormat.format(
        words.getString("title"), date, words.getString("phase" + Moon.phaseAtNoon(day)));
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
