import { expect, it } from '@jest/globals';
import { atPointer } from './json-pointer.js';

// The examples of RFC 6901, section 5.
const document = { foo: ['bar', 'baz'], '': 0, 'a/b': 1, 'm~n': 8, none: null };

it.each([
  ['', document],
  ['/foo', ['bar', 'baz']],
  ['/foo/0', 'bar'],
  ['/', 0],
  ['/a~1b', 1],
  ['/m~0n', 8],
  ['/none', null],
  ['/foo/2', undefined],
  ['/foo/length', 2],
  ['/none/x', undefined],
  ['/toString', undefined],
])('finds %j', (pointer, value) => {
  expect(atPointer(document, pointer)).toEqual(value);
});
