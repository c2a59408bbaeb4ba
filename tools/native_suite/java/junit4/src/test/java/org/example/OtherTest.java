package org.example;

import org.junit.Test;

public class OtherTest {
  @Test
  public void works() {}
}
