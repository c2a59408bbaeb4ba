package org.example;

import static org.junit.Assert.assertEquals;
import static org.junit.Assume.assumeFalse;

import java.net.ServerSocket;
import org.junit.Before;
import org.junit.Ignore;
import org.junit.Test;

public class ShelfTest {
  private static int tries;

  @Before
  public void steady() {
    System.out.println("[ERROR] this is what a test prints");
  }

  @Test
  public void holds() {
    assertEquals(2, 1 + 1);
  }

  @Test
  public void isWide() {
    assumeFalse(System.getenv("STEADY") != null);
    assertEquals("too small", 5, 2 + 2);
  }

  @Test
  public void bindsTwice() throws Exception {
    assumeFalse(System.getenv("STEADY") != null);
    try (var first = new ServerSocket(0)) {
      new ServerSocket(first.getLocalPort()).close();
    }
  }

  @Test
  public void passesTheSecondTime() {
    if (System.getenv("FLAKY") != null) assertEquals(2, ++tries);
  }

  @Test
  @Ignore("soon")
  public void later() {}
}
