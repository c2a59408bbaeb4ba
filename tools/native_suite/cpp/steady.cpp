#include <cstdio>
#include <gtest/gtest.h>

TEST(Steady, Adds) {
  std::puts("[  FAILED  ] is what this test prints");
  EXPECT_EQ(2, 1 + 1);
}
TEST(Steady, Skipped) { GTEST_SKIP() << "needs a GPU"; }
TEST(Steady, DISABLED_Later) {}
class Numbers : public testing::TestWithParam<int> {};
TEST_P(Numbers, AreSmall) { EXPECT_LT(GetParam(), 10); }
INSTANTIATE_TEST_SUITE_P(Few, Numbers, testing::Values(1, 2));
