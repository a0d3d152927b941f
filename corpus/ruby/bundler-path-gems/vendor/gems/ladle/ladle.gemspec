Gem::Specification.new do |spec|
  spec.name = "ladle"
  spec.version = "0.3.0"
  spec.summary = "Serves a few routes without any framework"
  spec.authors = ["The canteen"]
  spec.files = Dir["lib/**/*.rb"] + ["exe/ladle"]
  spec.bindir = "exe"
  spec.executables = ["ladle"]
  spec.required_ruby_version = ">= 3.0"
end
