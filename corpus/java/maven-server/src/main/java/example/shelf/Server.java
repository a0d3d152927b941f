package example.shelf;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.logging.Logger;

/** GET / shows the whole shelf, GET /005 one section of it. */
public class Server {
  private static final Logger LOG = Logger.getLogger("shelf");

  private final Shelf shelf;
  private final String page;

  Server(Shelf shelf, String page) {
    this.shelf = shelf;
    this.page = page;
  }

  void handle(HttpExchange exchange) throws IOException {
    Shelf wanted = shelf.section(exchange.getRequestURI().getPath().substring(1));
    int status = wanted.books().isEmpty() ? 404 : 200;
    byte[] body =
        page.replace("{count}", String.valueOf(wanted.books().size()))
            .replace("{rows}", wanted.rows())
            .getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "text/html; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length);
    try (var out = exchange.getResponseBody()) {
      out.write(body);
    }
  }

  private static String page() throws IOException {
    try (InputStream in = Server.class.getResourceAsStream("shelf.html")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  public static void main(String[] args) throws IOException {
    Path file = Path.of(System.getProperty("books", "data/books.csv"));
    Server server = new Server(Shelf.read(file), page());
    HttpServer http = HttpServer.create(new InetSocketAddress(8080), 0);
    http.setExecutor(Executors.newFixedThreadPool(4));
    http.createContext("/", server::handle);
    http.start();
    LOG.info("serving " + server.shelf.books().size() + " books of " + file.toAbsolutePath());
  }
}
