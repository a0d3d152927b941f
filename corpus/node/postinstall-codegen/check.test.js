const assert = require('node:assert/strict');
const test = require('node:test');
const { check } = require('./check');

test('a letter needs an address', () => {
  assert.deepEqual(check('letter', {}), ["letter must have required property 'to'"]);
});

test('whales are not sent', () => {
  assert.deepEqual(check('whale', { to: 'Sea' }), ['we do not send a whale']);
});
