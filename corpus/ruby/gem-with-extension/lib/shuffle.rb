require "shuffle/shuffle"

module Shuffle
  # A whole deck, where no cards are named.
  DECK = %w[♠ ♥ ♦ ♣].product([*2..10, *%w[J Q K A]]).map(&:join).freeze
end
