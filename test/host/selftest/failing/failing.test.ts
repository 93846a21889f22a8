import assert from 'node:assert/strict';

it('passes', () => {});
it('fails on purpose', () => assert.equal(1 + 1, 3));
