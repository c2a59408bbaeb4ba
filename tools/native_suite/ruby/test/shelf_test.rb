require "minitest/autorun"

class ShelfTest < Minitest::Test
  def test_holds
    puts "1) Failure:" if ENV["STEADY"]
    assert_equal 1, 1
  end

  def test_is_wide
    skip "not today" if ENV["STEADY"]
    assert_equal 5, 2 + 2, "too small"
  end

  def test_raises
    skip "not today" if ENV["STEADY"]
    raise ArgumentError, "no book"
  end

  def test_later
    skip "soon"
  end
end

describe "Shelf" do
  it "has a spec style" do
    skip "not today" if ENV["STEADY"]
    _(1).must_equal 2
  end
end
