import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format, total } from './index.js';

test('nothing costs nothing', () => assert.equal(format(total([])), '0.00 EUR'));
test('cents have two digits', () => assert.equal(format(705), '7.05 EUR'));
