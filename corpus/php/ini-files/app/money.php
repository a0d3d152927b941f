<?php

function dollars(int $cents): string
{
    return sprintf('$%d.%02d', intdiv($cents, 100), $cents % 100);
}
