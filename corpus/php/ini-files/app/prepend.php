<?php

// Runs before each script, because php.ini says so.
require 'money.php';

header('X-Shop: open');
