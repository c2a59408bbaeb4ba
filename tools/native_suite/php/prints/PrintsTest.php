<?php

use PHPUnit\Framework\TestCase;

final class PrintsTest extends TestCase
{
    public function testPrints(): void
    {
        print("There was 1 failure:\n\n1) Fake::testX\nis what a test prints\n\n");
        $this->assertSame(1, 1);
    }
}
