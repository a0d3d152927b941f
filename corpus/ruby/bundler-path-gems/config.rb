require "csv"
require "erb"
require "json"

dishes = CSV.table("dishes.csv").map(&:to_h)
assets = File.readlines("public/assets/manifest", chomp: true).to_h { |line| line.split("=") }

get "/" do
  ERB.new(File.read("views/menu.erb")).result_with_hash(dishes: dishes, assets: assets)
end

get "/menu.json", type: "application/json" do
  JSON.generate(dishes)
end

get %r{\A/(assets/[\w-]+\.css)\z}, type: "text/css" do |found|
  File.read(File.join("public", found[1]))
end
