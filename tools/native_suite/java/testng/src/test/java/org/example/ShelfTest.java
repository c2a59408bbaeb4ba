package org.example;

import static org.testng.Assert.assertEquals;

import org.testng.annotations.DataProvider;
import org.testng.annotations.Test;

public class ShelfTest {
  @Test
  public void holds() {
    assertEquals(1 + 1, 2);
  }

  @Test
  public void isWide() {
    assertEquals(2 + 2, 5, "too small");
  }

  @DataProvider
  public Object[][] numbers() {
    return new Object[][] {{2}, {3}};
  }

  @Test(dataProvider = "numbers")
  public void isEven(int number) {
    assertEquals(number % 2, 0);
  }

  @Test(dependsOnMethods = "isWide")
  public void afterwards() {}
}
