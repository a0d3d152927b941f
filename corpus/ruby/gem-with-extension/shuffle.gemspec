Gem::Specification.new do |spec|
  spec.name = "shuffle"
  spec.version = "1.0.0"
  spec.summary = "Shuffles cards the same way for the same seed"
  spec.authors = ["The dealer"]
  spec.license = "MIT"
  spec.homepage = "https://example.com/shuffle"
  spec.files = Dir["{ext,lib,exe}/**/*"].select { |file| File.file?(file) }
  spec.bindir = "exe"
  spec.executables = ["shuffle"]
  spec.extensions = ["ext/shuffle/extconf.rb"]
end
