<?php

declare(strict_types=1);

// Frames each paragraph of a text as a slide.

const FALLBACK_WIDTH = 60;

function slide(string $paragraph, int $width): string
{
    $lines = explode("\n", wordwrap(preg_replace('/\s+/', ' ', trim($paragraph)), $width - 4));
    $edge = '+' . str_repeat('-', $width - 2) . "+\n";
    $out = $edge;
    foreach ($lines as $line) {
        $out .= '| ' . $line . str_repeat(' ', $width - 4 - mb_strwidth($line)) . " |\n";
    }
    return $out . $edge;
}

$file = $argv[1] ?? '';
if (!is_readable($file)) {
    fwrite(STDERR, "slides: cannot read $file\n");
    exit(1);
}

$width = (int) (get_cfg_var('slides.width') ?: FALLBACK_WIDTH);
$paragraphs = preg_split('/\n\s*\n/', trim(file_get_contents($file)));
foreach ($paragraphs as $paragraph) {
    echo slide($paragraph, $width);
}
echo count($paragraphs), ' slides, ', ini_get('memory_limit'), "\n";
