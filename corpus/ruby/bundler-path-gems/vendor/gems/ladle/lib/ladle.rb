require "ladle/app"
require "ladle/server"
