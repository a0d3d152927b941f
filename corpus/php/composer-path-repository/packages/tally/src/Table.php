<?php

declare(strict_types=1);

namespace Club\Tally;

final class Table
{
    /** @var array<string, int> half points */
    private array $halves = [];

    public function add(string $white, string $black, string $result): void
    {
        [$forWhite, $forBlack] = match ($result) {
            '1-0' => [2, 0],
            '0-1' => [0, 2],
            default => [1, 1],
        };
        $this->halves[$white] = ($this->halves[$white] ?? 0) + $forWhite;
        $this->halves[$black] = ($this->halves[$black] ?? 0) + $forBlack;
    }

    /** @return array<string, float> points, the most first */
    public function standings(): array
    {
        arsort($this->halves);
        return array_map(static fn (int $halves): float => $halves / 2, $this->halves);
    }
}
