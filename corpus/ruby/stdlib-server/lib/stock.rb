# How many of each plant there are.
class Stock
  include Enumerable

  def initialize(counts)
    @counts = counts.dup
    @mutex = Mutex.new
  end

  def each(&) = @counts.each(&)

  def left(plant) = @counts.fetch(plant, 0)

  def sell(plant)
    @mutex.synchronize do
      return false unless left(plant).positive?

      @counts[plant] -= 1
      true
    end
  end
end
