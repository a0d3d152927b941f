require "socket"

module Ladle
  # HTTP/1.0: one request a connection.
  class Server
    def initialize(app)
      @app = app
    end

    def listen(host, port)
      server = TCPServer.new(host, port)
      trap("TERM") { exit }
      loop { Thread.start(server.accept) { |client| serve(client) } }
    end

    private

    def serve(client)
      path = client.gets.to_s.split[1] || "/"
      nil until client.gets.to_s.strip.empty?
      answer = @app.call(path)
      client.write "HTTP/1.0 #{answer.status} \r\nContent-Type: #{answer.type}\r\n" \
                   "Content-Length: #{answer.body.bytesize}\r\n\r\n", answer.body
    ensure
      client.close
    end
  end
end
