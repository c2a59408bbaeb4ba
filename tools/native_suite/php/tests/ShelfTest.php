<?php

namespace Store\Tests;

use PHPUnit\Framework\TestCase;

final class ShelfTest extends TestCase
{
    public function testHolds(): void
    {
        $this->assertSame(1, 1);
    }

    /**
     * @group wrong
     */
    public function testIsWide(): void
    {
        $this->assertSame(5, 2 + 2);
    }

    /**
     * @group wrong
     */
    public function testThrows(): void
    {
        throw new \RuntimeException("no book");
    }

    public function numbers(): array
    {
        return ['two' => [2], 'three' => [3]];
    }

    /**
     * @group wrong
     * @dataProvider numbers
     */
    public function testIsEven(int $number): void
    {
        $this->assertSame(0, $number % 2, "$number is odd");
    }

    /**
     * @group wrong
     */
    public function testWarns(): void
    {
        trigger_error("deprecated shelf", E_USER_WARNING);
    }

    /**
     * @group wrong
     */
    public function testRisky(): void
    {
    }

    public function testSkipped(): void
    {
        $this->markTestSkipped("needs a GPU");
    }

    public function testIncomplete(): void
    {
        $this->markTestIncomplete("soon");
    }
}
