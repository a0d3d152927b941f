<?php

$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

header('Content-Type: text/plain; charset=utf-8');
$prices = json_decode(file_get_contents('prices.json', true), true);
$good = ltrim($path, '/');

if ($path === '/') {
    $opening = new DateTimeImmutable('@1767225600');
    $local = $opening->setTimezone(new DateTimeZone(date_default_timezone_get()));
    echo 'open since ', $local->format('Y-m-d H:i T'), ', memory ', ini_get('memory_limit'), "\n";
} elseif (isset($prices[$good])) {
    echo $good, ' ', dollars($prices[$good]), "\n";
} else {
    http_response_code(404);
    echo "no $good here\n";
}
