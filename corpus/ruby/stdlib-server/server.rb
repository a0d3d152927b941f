require "erb"
require "webrick"
require "yaml"
require_relative "lib/stock"

stock = Stock.new(YAML.load_file(File.join(__dir__, "config", "stock.yml")))
page = ERB.new(File.read("views/stock.erb"), trim_mode: "-")

server = WEBrick::HTTPServer.new(Port: 4567, AccessLog: [])

server.mount_proc "/" do |request, response|
  if request.path == "/"
    response.content_type = "text/html; charset=utf-8"
    response.body = page.result_with_hash(stock: stock)
  else
    plant = request.path.delete_prefix("/")
    response.status = stock.sell(plant) ? 200 : 404
    response.body = response.status == 200 ? "#{stock.left(plant)} left\n" : "no #{plant}\n"
  end
end

%w[INT TERM].each { |name| trap(name) { server.shutdown } }
server.start
