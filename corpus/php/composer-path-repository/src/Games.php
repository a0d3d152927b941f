<?php

declare(strict_types=1);

namespace Club\Results;

use Club\Tally\Table;

final class Games
{
    public function __construct(private readonly string $file)
    {
    }

    public function table(): Table
    {
        $table = new Table();
        foreach (file($this->file, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES) as $line) {
            $table->add(...explode(';', $line));
        }
        return $table;
    }
}
