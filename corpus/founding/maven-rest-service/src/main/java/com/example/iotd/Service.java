package com.example.iotd;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.format.DateTimeParseException;

/** GET /image is the picture of today, GET /image/2026-01-31 that of another day. */
public final class Service {
  private static final String IMAGE = "/image";

  public static void main(String[] arguments) throws IOException {
    Gallery gallery = Gallery.load();
    HttpServer server = HttpServer.create(new InetSocketAddress(80), 0);
    server.createContext(
        IMAGE,
        exchange -> {
          String rest = exchange.getRequestURI().getPath().substring(IMAGE.length());
          try {
            LocalDate day = rest.length() > 1 ? LocalDate.parse(rest.substring(1)) : LocalDate.now();
            answer(exchange, 200, gallery.of(day).toJson());
          } catch (DateTimeParseException error) {
            answer(exchange, 400, "{\"error\":\"not a day\"}");
          }
        });
    server.createContext(
        "/version",
        exchange -> {
          String version = Service.class.getPackage().getImplementationVersion();
          answer(exchange, 200, "{\"version\":\"" + version + "\"}");
        });
    server.start();
    System.out.println("pictures on port 80");
  }

  private static void answer(HttpExchange exchange, int status, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }
}
