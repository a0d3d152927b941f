<!doctype html>
<title>Standings</title>
<ol>
<?php foreach ($standings as $player => $score): ?>
  <li><?= htmlspecialchars($player) ?>: <?= $points->format($score) ?></li>
<?php endforeach ?>
</ol>
