require "mkmf"

abort "no stdint.h" unless have_header("stdint.h")
create_makefile "shuffle/shuffle"
