package org.example;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class DatabaseTest {
  @BeforeAll
  static void connect() {
    throw new IllegalStateException("Connection refused");
  }

  @Test
  void reads() {}
}
