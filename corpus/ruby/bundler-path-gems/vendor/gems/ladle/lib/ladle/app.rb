module Ladle
  # Routes, the first that matches wins.
  class App
    Answer = Struct.new(:status, :type, :body)

    def initialize
      @routes = []
    end

    def get(path, type: "text/html; charset=utf-8", &block)
      @routes << [path, type, block]
    end

    def call(path)
      @routes.each do |pattern, type, block|
        return Answer.new(200, type, block.call($~)) if pattern === path
      end
      Answer.new(404, "text/plain", "nothing on the menu\n")
    end
  end
end
