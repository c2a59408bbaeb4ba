package org.example;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShelfTest {
  @Test
  void holds() {
    assertEquals(2, 1 + 1);
  }

  @Test
  @DisplayName("is as wide as five books")
  void isWide() {
    assertEquals(5, 2 + 2, "too small");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void isEven(int number) {
    assertEquals(0, number % 2);
  }

  @Test
  void waits() {
    assertTimeoutPreemptively(Duration.ofMillis(100), () -> Thread.sleep(5000));
  }

  @Nested
  class WhenEmpty {
    @Test
    void throwsUp() {
      throw new IllegalStateException("no book", new RuntimeException("inner reason"));
    }
  }
}
