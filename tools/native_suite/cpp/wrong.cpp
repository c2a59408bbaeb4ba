#include <gtest/gtest.h>
#include <stdexcept>
#include <string>

TEST(Sums, Right) { EXPECT_EQ(2, 1 + 1); }
TEST(Sums, Wrong) {
  EXPECT_EQ(3, 1 + 1) << "counted twice";
  EXPECT_TRUE(false);
}
TEST(Sums, Throws) { throw std::runtime_error("no shelf"); }
class Numbers : public testing::TestWithParam<int> {};
TEST_P(Numbers, AreEven) { ASSERT_EQ(0, GetParam() % 2); }
INSTANTIATE_TEST_SUITE_P(Few, Numbers, testing::Values(2, 3));
template <typename T> class Typed : public testing::Test {};
TYPED_TEST_SUITE(Typed, testing::Types<int>);
TYPED_TEST(Typed, Holds) { EXPECT_EQ(TypeParam(1), TypeParam(2)); }
class Shared : public testing::Test {
 protected:
  static void SetUpTestSuite() { FAIL() << "no database"; }
};
TEST_F(Shared, Uses) {}
TEST(ZDies, Aborts) {
  if (std::getenv("DIE")) std::abort();
}
