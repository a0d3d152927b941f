<?php

declare(strict_types=1);

use Club\Results\Games;

require __DIR__ . '/../vendor/autoload.php';

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
file_put_contents(__DIR__ . '/../var/log/access.log', "$path\n", FILE_APPEND);

if ($path !== '/') {
    http_response_code(404);
    exit("no such page\n");
}

$points = new NumberFormatter('fr_FR', NumberFormatter::PATTERN_DECIMAL, '0.0');
$standings = (new Games(__DIR__ . '/../games.csv'))->table()->standings();
require __DIR__ . '/../templates/standings.php';
